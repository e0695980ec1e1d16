import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { measureIdle } from './idle.ts';
import type { Bench } from './index.ts';
import { median, ROOT } from './measure.ts';

const RUNS = 3;
const JOBS = 1000;
const LAUNCHES = 20;
const JOBS_A_LAUNCH = 500;
const LEFT = 10;

export const overhead: Bench = {
  id: 'overhead',
  question:
    'what does the orchestrator itself cost: a job that takes no time (under 5 ms), going on with 9,990 of 10,000 done\n' +
    '   (first launch in under 1 s), and waiting for an engine (under 1 % of a core, 150 MB)?',
  async *run() {
    yield `${cpus().length} cores of ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`;
    const folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'));
    try {
      yield* jobs(folder);
      yield* resume(folder);
      for (const terminal of [false, true]) {
        const { percent, mebibytes } = await measureIdle(folder, terminal);
        const where = terminal ? 'on a terminal' : 'without a terminal';
        yield `idle ${where}: ${percent.toFixed(2)} % of a core, ${mebibytes.toFixed(0)} MiB`;
      }
    } finally {
      rmSync(folder, { recursive: true, maxRetries: 3 });
    }
  },
};

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

async function* jobs(folder: string): AsyncGenerator<string> {
  const file = join(folder, 'jobs.yaml');
  writeFileSync(file, definition(1, JOBS));
  const walls: number[] = [];
  const cpuTimes: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    const directory = join(folder, `jobs-${i}`);
    const { valid, launches, all } = await once<{ valid: number; launches: Cost; all: Cost }>(file, directory);
    if (valid !== JOBS) throw new Error(`${valid} of ${JOBS} jobs are valid`);
    walls.push(launches.wall - (await standInAlone(directory)));
    cpuTimes.push(launches.cpu);
    ends.push(all.cpu - launches.cpu);
  }
  const each = (seconds: readonly number[]) => `${((1000 * median(seconds)) / JOBS).toFixed(2)} ms`;
  yield `${JOBS} jobs of one launch, median of ${RUNS}: ${each(walls)} of wall time a job beyond the driver's own, ${each(cpuTimes)} of CPU`;
  yield `then once, records and reports with all charts: ${median(ends).toFixed(1)} s of CPU`;
}

/** Seconds that the driver of a run takes for the same, with nobody listening. */
async function standInAlone(directory: string): Promise<number> {
  const [attempt = ''] = readdirSync(join(directory, 'attempts'));
  const launch = JSON.parse(readFileSync(join(directory, 'attempts', attempt, 'launch.json'), 'utf8'));
  const out_dir = join(directory, 'alone');
  mkdirSync(out_dir);
  writeFileSync(join(out_dir, 'launch.json'), JSON.stringify({ ...launch, out_dir }));
  const driver = join(ROOT, 'fixtures', 'programs', 'stand-in-driver.mjs');
  const flags = ['--model', 'stand-in/model', '--tensor-parallel-size', '1', '--max-model-len', '4096'];
  const start = performance.now();
  const child = execa(process.execPath, [driver, '--launch', join(out_dir, 'launch.json'), '--', ...flags], {
    stdin: 'pipe',
    stdout: { file: join(out_dir, 'stdout.log') },
    stderr: 'ignore',
  });
  await child;
  return (performance.now() - start) / 1000;
}

async function* resume(folder: string): AsyncGenerator<string> {
  const [most, all] = [join(folder, 'most.yaml'), join(folder, 'all.yaml')];
  const directory = join(folder, 'resumed');
  writeFileSync(most, definition(LAUNCHES, JOBS_A_LAUNCH, LEFT));
  writeFileSync(all, definition(LAUNCHES, JOBS_A_LAUNCH));
  await once(most, directory, 'until-end');
  const starts: Cost[] = [];
  const sinceProcess: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    const told = await once<{ start: Cost; sinceProcess: number }>(all, directory, 'until-start');
    starts.push(told.start);
    sinceProcess.push(told.sinceProcess);
  }
  const total = LAUNCHES * JOBS_A_LAUNCH;
  const [wall, cpu] = [median(starts.map((start) => start.wall)), median(starts.map((start) => start.cpu))];
  yield `${total - LEFT} of ${total} jobs done: the first launch starts ${wall.toFixed(2)} s after the plan (${cpu.toFixed(2)} s of CPU), ${median(sinceProcess).toFixed(2)} s after the process`;
}

/** Runs overhead-once.ts; what it says, if it ends by saying something. */
async function once<T>(file: string, directory: string, until = ''): Promise<T> {
  const script = new URL('./overhead-once.ts', import.meta.url).pathname;
  const { stdout } = await execa(process.execPath, [script, file, directory, until]);
  return JSON.parse(stdout === '' ? 'null' : stdout) as T;
}

/** `less`: so many points are missing from the last launch. */
function definition(launches: number, points: number, less = 0): string {
  const lengths = Array.from({ length: points }, (_, i) => ({
    input_len: 8 + (i % 100),
    output_len: 4 + Math.floor(i / 100),
  }));
  const standalone_runs = Array.from({ length: launches }, (_, i) => ({
    ...{ name: `measures-${i}`, mode: 'vllm_throughput', model: 'stand-in/model', num_prompts: 4, warmups: 1 },
    args: `--max-num-seqs ${16 + i}`,
    length_configs: i === launches - 1 ? lengths.slice(0, points - less) : lengths,
  }));
  return JSON.stringify({ standalone_runs });
}
