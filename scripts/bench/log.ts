import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Bench } from './index.ts';

const SIZES_MIB = [16, 128, 1024];
const LINE =
  '(EngineCore pid=81) INFO 11-22 05:23:32 [loggers.py:283] Engine 000: Avg prompt throughput: 1.0 tokens/s, Running: 256 reqs\n';

export const log: Bench = {
  id: 'log',
  question: 'does the memory of parsing a log grow with the log? (constant up to 1 GB)',
  async *run() {
    const folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'));
    try {
      for (const size of SIZES_MIB) {
        const path = join(folder, 'stdout.log');
        write(path, size);
        const script = new URL('./log-once.ts', import.meta.url).pathname;
        // A small young generation: by default V8 lets garbage pile up before it looks, which hides what is really held.
        const { stdout } = await execa(process.execPath, ['--max-semi-space-size=2', script, path]);
        const { seconds, mebibytes } = JSON.parse(stdout) as { seconds: number; mebibytes: number };
        yield `${String(size).padStart(5)} MiB: ${seconds.toFixed(1)} s, peak memory of the process ${mebibytes.toFixed(0)} MiB`;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function write(path: string, mebibytes: number): void {
  const block = Buffer.from(LINE.repeat(Math.ceil(2 ** 20 / LINE.length))).subarray(0, 2 ** 20);
  const file = openSync(path, 'w');
  for (let i = 0; i < mebibytes; i += 1) writeSync(file, block);
  writeSync(file, '\nThroughput: 1.00 requests/s, 2.00 total tokens/s, 1.00 output tokens/s\n');
  closeSync(file);
}
