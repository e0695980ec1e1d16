import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { remaining } from '../../src/plan/remaining.ts';
import { Plan } from '../../src/schema/plan.ts';
import { journalOf, readJson } from '../run/runs.ts';
import type { Entry } from './one-point.ts';
import { folderWith, measuredIn, orchestrate, PYTHON, processesOf, start, until } from './program.ts';

/** Short points, and a long one in which there is time to stop, on a busy disk too: 40 s on a CPU. */
const LONG = 6000;
const LENGTHS = Array.from({ length: 12 }, (_, i) => ({ input_len: 16 + i, output_len: i === 3 ? LONG : 4 }));
const WORDS = ['a.yaml', '--output-dir', 'out', ...PYTHON];

const entriesOf = (out: string) => readJson<Entry[]>(out, 'summary_report.json');
const engineStarts = (out: string) => journalOf(out).filter(({ event }) => event === 'engine_ready').length;

/**
 * A run definition whose order of measurements has the long point at this place. Ids, and so the order, depend on the
 * host; another seed shuffles anew.
 */
async function folderWithLongAt(place: number, run: object): Promise<string> {
  const { stdout } = await orchestrate(folderWith(run), ['run', 'a.yaml', '--dry-run', '--json', ...PYTHON]);
  const plan = Plan.parse(JSON.parse(stdout));
  for (let order_seed = 0; order_seed < 1000; order_seed += 1) {
    const [launch] = remaining({ ...plan, order_seed }, []);
    if (launch?.wanted[place]?.job.workload.output_len === LONG) return folderWith(run, { order_seed });
  }
  throw new Error(`no seed puts the long point at place ${place}`);
}

/** With vLLM's own processes, as everybody runs it: they are what must not be left. */
export function interruptedRuns(): void {
  test('Ctrl-C among twelve points of one engine, and the same command again', async () => {
    const folder = await folderWithLongAt(3, { name: 'twelve', length_configs: LENGTHS });
    const out = join(folder, 'out');
    const run = start(folder, WORDS);
    await until(out, (events) => measuredIn(events) >= 3);
    // To the orchestrator only.
    run.kill('SIGINT');
    const first = await run.ended;
    expect(processesOf(out)).toEqual([]);
    expect(first.code).toBe(130);
    expect(first.stdout).toContain('12 measurements in 1 launch');
    expect(first.stdout).toContain('SIGINT: stopping the engine and its workers');
    expect(first.stdout).toMatch(/interrupted by SIGINT; 9 measurements .*left/);
    expect(first.stdout).toContain(`to go on: orchestrate ${WORDS.join(' ')}`);
    const kept = entriesOf(out).filter(({ status }) => status === 'SUCCESS');
    expect(kept).toHaveLength(3);
    expect(entriesOf(out).filter(({ status }) => status === 'NOT_STARTED')).toHaveLength(9);
    expect(engineStarts(out)).toBe(1);

    const second = await orchestrate(folder, WORDS);
    expect(processesOf(out)).toEqual([]);
    expect(second).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('3 of 12 measurements are there already'),
    });
    expect(entriesOf(out).map(({ status }) => status)).toEqual(Array(12).fill('SUCCESS'));
    const now = new Map(entriesOf(out).map(({ run_name, results }) => [run_name, results]));
    expect(kept.map(({ run_name }) => now.get(run_name))).toEqual(kept.map(({ results }) => results));
    expect(measuredIn(journalOf(out))).toBe(12);
    expect(engineStarts(out)).toBe(2);
    for (const [i, { results }] of entriesOf(out).entries()) {
      expect(results['total_prompt_tokens']).toBe(8 * (16 + i));
      expect(results['total_output_tokens']).toBe(8 * (i === 3 ? LONG : 4));
    }
  });

  test('an orchestrator that is killed takes its engine with it, and the same command goes on', async () => {
    const folder = await folderWithLongAt(1, { name: 'killed', length_configs: LENGTHS.slice(2, 5) });
    const out = join(folder, 'out');
    const run = start(folder, WORDS);
    await until(out, (events) => events.some(({ event }) => event === 'engine_ready'));
    // The driver, vLLM's engine core and its worker: what looks for survivors does see them.
    expect(processesOf(out).length).toBeGreaterThanOrEqual(3);
    await until(out, (events) => measuredIn(events) >= 1);
    run.kill('SIGKILL');
    expect((await run.ended).signal).toBe('SIGKILL');
    const deadline = performance.now() + 30_000;
    while (processesOf(out).length > 0 && performance.now() < deadline) await sleep(100);
    expect(processesOf(out)).toEqual([]);

    const again = await orchestrate(folder, WORDS);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 3 measurements are there already') });
    expect(measuredIn(journalOf(out))).toBe(3);
    expect(entriesOf(out).map(({ status }) => status)).toEqual(Array(3).fill('SUCCESS'));
    expect(processesOf(out)).toEqual([]);
  });
}
