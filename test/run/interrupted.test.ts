import { describe, expect, test, vi } from 'vitest';
import type { Notice } from '../../src/run/notice.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, type Finished, journalOf, point, recordOf, statesOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const SIX = Array.from({ length: 3 }, (_, i) => point(`measures-${i}`, 8 + i, { repeats: 2 }));

/** Runs until something happens, then stops as after Ctrl-C. */
function stoppedAt(when: (notice: Notice) => boolean, runs: readonly object[], directory: string): Promise<Finished> {
  const stop = new AbortController();
  return carryOut(runs, {
    directory,
    signal: stop.signal,
    notify: (notice) => when(notice) && stop.abort('SIGINT'),
  });
}

describe('a run that is stopped', () => {
  test('in the middle of a measurement keeps those before it, and the same command makes exactly the others', async () => {
    const directory = emptyFolder();
    const runs = [...SIX, point('hangs-once', 40)];
    // Round-robin: three first repeats, then the one that hangs.
    const first = await stoppedAt(
      (notice) => notice.kind === 'measurement-began' && notice.job.run_name.startsWith('hangs'),
      runs,
      directory,
    );
    expect(first).toMatchObject({ interruptedBy: 'SIGINT', left: 4 });
    expect(statesOf(first)).toEqual({
      ...{ 'measures-0': 'valid', 'measures-1': 'valid', 'measures-2': 'valid' },
      'hangs-once': 'not-run',
    });
    expect(recordOf(first, 'measures-0').reasons).toEqual([
      { code: 'incomplete', message: expect.stringContaining('1 of 2') },
    ]);
    expect(journalOf(directory).slice(-2)).toEqual([
      expect.objectContaining({ event: 'attempt_ended', outcome: { kind: 'cancelled' } }),
      expect.objectContaining({ event: 'run_ended', interrupted_by: 'SIGINT' }),
    ]);

    const second = await carryOut(
      runs.map((run) => (run.name === 'hangs-once' ? { ...run, name: 'measures-3' } : run)),
      { directory },
    );
    expect(second).toMatchObject({ interruptedBy: null, left: 0 });
    expect(second.began).toHaveLength(4);
    expect(second.began.slice(1)).toEqual(SIX.map(({ name }, i) => `${name}_TP-1_ISL-${8 + i}_OSL-4 r1`));
    expect(new Set(second.summary.records.map(({ state }) => state))).toEqual(new Set(['valid']));
    expect(recordOf(second, 'measures-0').samples.map(({ repeat, attempt }) => [repeat, attempt])).toEqual([
      [0, 'attempts/0001_measures-0_TP-1'],
      [1, 'attempts/0002_measures-0_TP-1'],
    ]);
  });

  test('while the engine starts has started nothing else, and loses nothing', async () => {
    const directory = emptyFolder();
    const runs = [point('measures', 8, { model: 'stand-in/hangs-at-start' }), point('measures-2')];
    const first = await stoppedAt(({ kind }) => kind === 'attempt-started', runs, directory);
    expect(first).toMatchObject({ interruptedBy: 'SIGINT', left: 2 });
    expect(journalOf(directory).filter(({ event }) => event === 'attempt_started')).toHaveLength(1);
    expect(statesOf(first)).toEqual({ measures: 'not-run', 'measures-2': 'not-run' });
  });

  test('before it begins starts no engine, and still reports what is there', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures', 16)], { directory });
    const again = await carryOut([point('measures', 16), point('measures-2', 8)], {
      directory,
      signal: AbortSignal.abort('SIGTERM'),
    });
    expect(again).toMatchObject({ interruptedBy: 'SIGTERM', left: 1 });
    expect(again.notices.map(({ kind }) => kind)).toEqual(['run-started']);
    expect(statesOf(again)).toEqual({ measures: 'valid', 'measures-2': 'not-run' });
  });

  test('is not failed for it: a record says that it was not run, and no failure', async () => {
    const directory = emptyFolder();
    await stoppedAt(({ kind }) => kind === 'measurement-began', [point('hangs')], directory);
    expect(journalOf(directory).filter(({ event }) => event === 'measurement_failed')).toEqual([]);
  });
});

describe('the same command again', () => {
  test('starts nothing when all is there, and says so', async () => {
    const directory = emptyFolder();
    await carryOut(SIX, { directory });
    const again = await carryOut(SIX, { directory });
    expect(again.began).toEqual([]);
    expect(again.notices).toEqual([{ kind: 'run-started', directory, launches: 0, measurements: 6, alreadyDone: 6 }]);
    expect(journalOf(directory).filter(({ event }) => event === 'attempt_started')).toHaveLength(1);
    expect(again.left).toBe(0);
  });

  test('gives the same summary, to the last digit', async () => {
    const directory = emptyFolder();
    const runs = [...SIX, point('engine-dies', 40), point('tells-no-times', 39)];
    const first = await carryOut(runs, { directory });
    const again = await carryOut(
      runs.filter(({ name }) => name !== 'engine-dies'),
      { directory },
    );
    const kept = first.summary.records.filter(({ run_name }) => !run_name.startsWith('engine-dies'));
    expect(again.summary.records).toEqual(kept);
  });

  test('makes what had failed, and no longer calls it failed when it is made', async () => {
    const directory = emptyFolder();
    const state = { PATH: process.env['PATH'] ?? '', STAND_IN_STATE: emptyFolder() };
    const runs = [point('is-killed-once', 8), point('measures', 16)];
    const first = await carryOut(runs, { directory, env: state });
    expect(statesOf(first)).toEqual({ 'is-killed-once': 'failed', measures: 'valid' });
    const again = await carryOut(runs, { directory, env: state });
    expect(again.began.map((name) => name.replace(/_TP.*/, ''))).toEqual(['is-killed-once']);
    expect(recordOf(again, 'is-killed-once')).toMatchObject({ state: 'valid', reasons: [] });
  });
});
