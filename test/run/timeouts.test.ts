import { describe, expect, test } from 'vitest';
import { carryOut, journalOf, point, recordOf, statesOf } from './runs.ts';

/** 0.02 minutes are 1.2 s. */
const short = { timeout_minutes: 0.02 };

describe('stall_minutes', () => {
  /** 0.02 minutes are 1.2 s. */
  const stall = { stall_minutes: 0.02 };

  test('ends an engine that hangs, which is tried again', async () => {
    const finished = await carryOut([point('measures', 8, stall), point('hangs-once', 16, stall)], { retries: 1 });
    expect(statesOf(finished)).toEqual({ measures: 'valid', 'hangs-once': 'valid' });
    expect(journalOf(finished.directory)).toContainEqual(
      expect.objectContaining({ event: 'attempt_ended', outcome: { kind: 'stalled', afterSeconds: 1.2 } }),
    );
  });

  test('lets a progress bar go on that ends no line', async () => {
    const finished = await carryOut([point('shows-progress', 8, stall)]);
    expect(statesOf(finished)).toEqual({ 'shows-progress': 'valid' });
  });

  test('gives the class of a hang to what it ended', async () => {
    const finished = await carryOut([point('hangs', 8, stall)]);
    expect(recordOf(finished, 'hangs').reasons).toMatchObject([{ code: 'hang' }]);
  });
});

describe('timeout_minutes', () => {
  test('ends a measurement that hangs, and the others are made', async () => {
    const finished = await carryOut([point('measures', 8, short), point('hangs', 16, short), point('measures-2', 24)]);
    expect(statesOf(finished)).toEqual({ measures: 'valid', hangs: 'failed', 'measures-2': 'valid' });
    expect(recordOf(finished, 'hangs').reasons).toEqual([
      { code: 'timed-out', message: expect.stringContaining('timeout_minutes') },
    ]);
    expect(journalOf(finished.directory)).toContainEqual(
      expect.objectContaining({ event: 'attempt_ended', outcome: { kind: 'timed-out', afterSeconds: 1.2 } }),
    );
  });

  test('ends an engine that hangs while it starts; its points fail for that reason', async () => {
    const hanging = { ...short, model: 'stand-in/hangs-at-start' };
    const finished = await carryOut([point('measures', 8, hanging), point('measures-2', 16, hanging)]);
    expect(recordOf(finished, 'measures').reasons[0]?.code).toBe('timed-out');
    expect(recordOf(finished, 'measures-2').reasons[0]?.code).toBe('timed-out');
    expect(journalOf(finished.directory).filter(({ event }) => event === 'attempt_started')).toHaveLength(1);
  });

  test('is for each step: many short measurements may take longer together', async () => {
    // Twelve of 0.4 s are 4.8 s, four times the limit; a start of Node or a slow machine fits into it.
    const runs = Array.from({ length: 12 }, (_, i) => point(`takes-its-time-${i}`, 8 + i, { timeout_minutes: 0.05 }));
    const finished = await carryOut(runs);
    expect(new Set(Object.values(statesOf(finished)))).toEqual(new Set(['valid']));
  });
});
