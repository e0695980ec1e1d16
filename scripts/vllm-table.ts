/** `node scripts/vllm-table.ts`: makes the table of docs/vllm-versions.md again, after capabilities were recorded. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTable } from './vllm-table/document.ts';
import { recordedCapabilities } from './vllm-table/recorded.ts';

const file = join(import.meta.dirname, '..', 'docs', 'vllm-versions.md');
writeFileSync(file, withTable(readFileSync(file, 'utf8'), recordedCapabilities()));
