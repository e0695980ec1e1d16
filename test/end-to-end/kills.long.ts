import { globSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { journalOf, readJson } from '../run/runs.ts';
import type { Entry } from './one-point.ts';
import { folderWith, measuredIn, orchestrate, PYTHON, processesOf, start, until } from './program.ts';

/**
 * Real vLLM, killed in the middle of a sweep by each signal at each level, and resumed to the end. Two workers where the
 * machine has two cores: with one, vLLM's engine core is its own worker.
 */
const LENGTHS = Array.from({ length: 6 }, (_, i) => ({ input_len: 16 + i, output_len: 400 }));
const WORDS = ['a.yaml', '--output-dir', 'out', ...PYTHON];

/** What a process of a launch is, by the title that vLLM gives it or by its command line. */
const LEVELS = {
  keeper: /keeper\.py/,
  driver: /resident\.py --launch/,
  'engine core': /VLLM::EngineCore/,
  worker: /VLLM::Worker/,
} as const;

describe.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s', (signal) => {
  test.each(['orchestrator', ...(Object.keys(LEVELS) as (keyof typeof LEVELS)[])])('of the %s', async (level) => {
    const tp = level === 'worker' ? { tensor_parallel_sizes: 2, pipeline_parallel_sizes: 1 } : {};
    const folder = folderWith({ name: 'killed', length_configs: LENGTHS, ...tp });
    const out = join(folder, 'out');
    const run = start(folder, WORDS);
    await until(out, (events) => measuredIn(events) >= 1);
    if (level === 'orchestrator') run.kill(signal);
    else await killed(LEVELS[level as keyof typeof LEVELS], signal, out);
    const ended = await run.ended;
    await gone(out);
    const before = measuredIn(journalOf(out));
    expect(before).toBeGreaterThanOrEqual(1);

    // What the run did not manage by itself, the same command does.
    const again = ended.code === 0 ? ended : await orchestrate(folder, WORDS);
    expect(again.code, `${ended.stdout}${again.stdout}${again.stderr}`).toBe(0);
    expect(readJson<Entry[]>(out, 'summary_report.json').map(({ status }) => status)).toEqual(
      LENGTHS.map(() => 'SUCCESS'),
    );
    expect(measuredIn(journalOf(out))).toBe(LENGTHS.length);
    await gone(out);
  });
});

/** Kills the process of the run below `out` that looks so, as soon as there is one. */
async function killed(looks: RegExp, signal: NodeJS.Signals, out: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const pid = globSync('/proc/[0-9]*').find((path) => {
      try {
        return (
          readlinkSync(join(path, 'cwd')).startsWith(`${out}/`) &&
          looks.test(readFileSync(join(path, 'cmdline'), 'utf8').replaceAll('\0', ' '))
        );
      } catch {
        return false; // gone meanwhile
      }
    });
    if (pid !== undefined) {
      process.kill(Number(pid.replace('/proc/', '')), signal);
      return;
    }
    await sleep(50);
  }
  throw new Error(`no process looks like ${looks}`);
}

async function gone(out: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (processesOf(out).length > 0 && performance.now() < deadline) await sleep(100);
  expect(processesOf(out)).toEqual([]);
}
