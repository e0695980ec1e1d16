/** `npm run pages`: writes the pages and tables of docs/ that are made from the tables that the code runs on. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKS } from '../src/summary/attest.ts';
import { attestationPage } from './pages/attestation.ts';
import { failuresPage } from './pages/failures.ts';
import { metricsPage } from './pages/metrics.ts';
import { withTable } from './pages/vllm-versions/document.ts';
import { recordedCapabilities } from './pages/vllm-versions/recorded.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
const VERSIONS = join(DOCS, 'vllm-versions.md');

writeFileSync(join(DOCS, 'attestation.md'), attestationPage(CHECKS));
writeFileSync(join(DOCS, 'failures.md'), failuresPage());
writeFileSync(join(DOCS, 'metrics.md'), metricsPage());
writeFileSync(VERSIONS, withTable(readFileSync(VERSIONS, 'utf8'), recordedCapabilities()));
