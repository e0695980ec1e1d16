import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { collect } from '../../src/run/collect.ts';
import { Plan } from '../../src/schema/plan.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, ENVIRONMENT, type Finished, point, readJson } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

/** What `orchestrate report` sees: the files alone. */
function fromDisk({ directory }: Finished): Summary {
  const plan = Plan.parse(readJson(directory, 'plan.json'));
  return collect(plan, directory, readEvents(directory).events).summary(ENVIRONMENT);
}

describe('a summary made anew from the files is the one that the run gave', () => {
  test.each([
    { runs: ['measures'] },
    { runs: ['job-failed', 'measures'] },
    { runs: ['writes-torn', 'measures-other', 'tells-no-times'] },
  ])('$runs', async ({ runs }) => {
    const finished = await carryOut(runs.map((name, i) => point(name, 8 + i)));
    expect(fromDisk(finished)).toEqual(finished.summary);
  });

  // engine_start_s: the run counts an engine's start for the jobs that it had left, collect() for all of the launch.
  test('where an engine was started again for the rest', async () => {
    const finished = await carryOut(['measures', 'is-killed', 'measures-2'].map((name, i) => point(name, 8 + i)));
    expect(fromDisk(finished)).toEqual(finished.summary);
  });

  test('with the stock benchmark', async () => {
    const stock = { driver: 'stock' };
    const names = ['measures', 'is-killed', 'job-failed', 'exits-badly', 'is-killed-late'];
    const finished = await carryOut(names.map((name, i) => point(name, 8 + i, stock)));
    expect(finished.summary.records.map(({ state }) => state)).toEqual([
      'valid',
      'failed',
      'failed',
      'invalid',
      'invalid',
    ]);
    expect(fromDisk(finished)).toEqual(finished.summary);
  });

  test('whatever happens, in one run or in several', async () => {
    const behaviours = fc.constantFrom(
      ...['measures', 'job-failed', 'engine-dies', 'engine-dies-once', 'is-killed', 'is-killed-once', 'nvlink-once'],
      ...['writes-torn', 'writes-nothing', 'measures-other', 'tells-no-times'],
    );
    const jobs = fc.array(fc.record({ behaviour: behaviours, repeats: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(jobs, fc.integer({ min: 0, max: 1 }), async (wanted, retries) => {
        const directory = emptyFolder();
        const env = { PATH: process.env['PATH'] ?? '', STAND_IN_STATE: emptyFolder() };
        const runs = wanted.map(({ behaviour, repeats }, i) => point(`${behaviour}-${i}`, 8 + i, { repeats }));
        const first = await carryOut(runs, { directory, retries, env });
        expect(fromDisk(first)).toEqual(first.summary);
        const again = await carryOut(runs, { directory, retries, env });
        expect(fromDisk(again)).toEqual(again.summary);
        rmSync(join(directory), { recursive: true });
      }),
      { numRuns: 8, endOnFailure: true },
    );
  }, 120_000);
});
