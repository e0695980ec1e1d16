import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { parseTelemetry } from '../../parsers/telemetry.ts';
import type { Bench } from './index.ts';
import { ROOT } from './measure.ts';

const SECONDS = 120;

/** CPU seconds of a command that runs so long, with its start, its end and everything that it started. */
const TIMED = `
import resource, subprocess, sys, time
process = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE)
time.sleep(float(sys.argv[1]))
process.communicate()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime)
`;

export const sampler: Bench = {
  id: 'sampler',
  question: 'what does sampling the hardware cost? (0.5 % of the wall time of one core)',
  async *run() {
    const folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'));
    try {
      symlinkSync(join(ROOT, 'fixtures', 'programs', 'stand-in-nvidia-smi'), join(folder, 'nvidia-smi'));
      yield `${readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length} processes on this host, ${SECONDS} s each`;
      yield await costOf('no GPU', folder, []);
      yield await costOf('8 GPUs, with a stand-in for nvidia-smi', folder, ['--gpus', '0,1,2,3,4,5,6,7']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function costOf(what: string, folder: string, gpus: readonly string[]): Promise<string> {
  const out = join(folder, `${gpus.length}.jsonl`);
  const command = ['python3', join(ROOT, 'src', 'drivers', 'sampler.py'), '--out', out, ...gpus];
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, ORCHESTRATE_MARKER: 'bench' };
  const { stdout } = await execa('python3', ['-c', TIMED, String(SECONDS), ...command], { env });
  const { lines, unreadable } = parseTelemetry(readFileSync(out, 'utf8'));
  // A sampler that samples nothing is cheap.
  if (lines.length < SECONDS * 0.9 || unreadable > 0)
    throw new Error(`${lines.length} lines, ${unreadable} unreadable`);
  const used = Number(stdout);
  const share = ((100 * used) / SECONDS).toFixed(2);
  return `${what}: ${used.toFixed(2)} s of CPU time, ${share} %; ${lines.length} lines`;
}
