import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that is gone after the test. A concurrent test has to pass the `onTestFinished` of its context. */
export function emptyFolder(finished: typeof onTestFinished = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrate-test-'));
  finished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
