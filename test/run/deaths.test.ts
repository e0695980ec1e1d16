import { describe, expect, test, vi } from 'vitest';
import { carryOut, journalOf, point, readJson, recordOf, statesOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

/** How often an engine was started. */
const starts = (directory: string) => journalOf(directory).filter(({ event }) => event === 'attempt_started').length;
const outcomes = (directory: string) =>
  journalOf(directory).flatMap((event) => (event.event === 'attempt_ended' ? [event.outcome] : []));
const statuses = (directory: string) =>
  readJson<{ run_name: string; status: string }[]>(directory, 'summary_report.json').map(({ status }) => status);

describe('one bad job costs no other', () => {
  test.each([
    { bad: 'job-failed', engines: 1, code: 'measurement', says: 'ValueError: prompt too long' },
    { bad: 'engine-dies', engines: 2, code: 'device-memory', says: 'OutOfMemoryError: CUDA out of memory' },
    { bad: 'is-killed', engines: 2, code: 'engine-died', says: 'SIGKILL' },
    { bad: 'writes-torn', engines: 1, code: 'unreadable-result', says: 'not JSON, perhaps torn' },
    { bad: 'writes-nothing', engines: 1, code: 'no-result', says: 'which is not there' },
  ])('$bad', async ({ bad, engines, code, says }) => {
    const finished = await carryOut([point('measures', 8), point(bad, 32), point('measures-2', 24)]);
    expect(statesOf(finished)).toEqual({ measures: 'valid', [bad]: 'failed', 'measures-2': 'valid' });
    expect(recordOf(finished, bad).reasons).toEqual([{ code, message: expect.stringContaining(says) }]);
    expect(starts(finished.directory)).toBe(engines);
    expect(statuses(finished.directory)).toEqual(['SUCCESS', 'FAILED', 'SUCCESS']);
    // What could not be measured is left for the next time.
    expect(finished.left).toBe(1);
    // The engine that is started again does what is left, and nothing twice.
    expect(finished.began.toSorted()).toEqual([...new Set(finished.began)].toSorted());
    expect(finished.began).toHaveLength(3);
    // Nobody is told that another one failed.
    const failed = finished.notices.filter(({ kind }) => kind === 'measurement-failed');
    expect(failed).toEqual([expect.objectContaining({ repeat: 0, reason: expect.stringContaining(says) })]);
  });

  test('whichever place it has', async () => {
    for (const place of [0, 2]) {
      const runs = [point('measures', 8), point('measures-2', 16)];
      const finished = await carryOut(runs.toSpliced(place, 0, point('is-killed', 24)));
      expect(statesOf(finished)).toEqual({ measures: 'valid', 'measures-2': 'valid', 'is-killed': 'failed' });
    }
  });

  test('but those that need as much of what ran out', async () => {
    const finished = await carryOut([point('engine-dies', 16), point('measures', 8), point('measures-2', 24)]);
    expect(statesOf(finished)).toEqual({ 'engine-dies': 'failed', measures: 'valid', 'measures-2': 'skipped' });
    expect(recordOf(finished, 'measures-2').reasons).toEqual([
      { code: 'device-memory', message: expect.stringContaining('needs as much or more') },
    ]);
  });

  test('an engine that dies in one repeat is started for the others', async () => {
    const finished = await carryOut([point('is-killed-once', 8, { repeats: 3 })]);
    const record = recordOf(finished, 'is-killed-once');
    // The first repeat cost the engine its life; the two others were made.
    expect(record.samples.map(({ repeat }) => repeat)).toEqual([1, 2]);
    expect(record).toMatchObject({ state: 'valid', reasons: [{ code: 'incomplete' }] });
    expect(record.reasons[0]?.message).toContain('2 of 3');
    expect(finished.left).toBe(1);
  });

  test('a driver that ends well before it is through fails what it left out', async () => {
    const finished = await carryOut([point('measures', 8), point('quits', 16), point('measures-2', 24)]);
    expect(statesOf(finished)).toEqual({ measures: 'valid', quits: 'failed', 'measures-2': 'valid' });
    expect(outcomes(finished.directory)[0]).toEqual({ kind: 'exited', exitCode: 0 });
  });

  test('a process that a driver leaves behind, in a session of its own, is ended with it', async () => {
    // carryOut looks for survivors.
    const finished = await carryOut([point('leaves-process')]);
    expect(statesOf(finished)).toEqual({ 'leaves-process': 'valid' });
    expect(journalOf(finished.directory)).toContainEqual(
      expect.objectContaining({ event: 'attempt_ended', left_behind: [] }),
    );
  });
});

describe('a point that ends its engine', () => {
  test('twice is given no third one for its other repeats', async () => {
    const finished = await carryOut([point('measures', 8, { repeats: 5 }), point('is-killed', 16, { repeats: 5 })]);
    expect(starts(finished.directory)).toBe(3);
    expect(recordOf(finished, 'measures')).toMatchObject({ state: 'valid', reasons: [] });
    expect(recordOf(finished, 'is-killed').reasons.map(({ message }) => message)).toEqual([
      expect.stringContaining('SIGKILL'),
      expect.stringContaining('left out after this point has ended 2 engines'),
    ]);
  });

  test('says nothing against points that were measured in the same engine', async () => {
    const finished = await carryOut([
      point('measures', 24, { repeats: 3 }),
      point('engine-dies', 16, { repeats: 3 }),
      point('measures-2', 32),
    ]);
    // The longer one was measured before the memory ran out for the shorter.
    expect(recordOf(finished, 'measures')).toMatchObject({ state: 'valid', reasons: [] });
    expect(recordOf(finished, 'measures-2').state).toBe('skipped');
  });

  test('is told by its own error, and not by one that cost nobody anything', async () => {
    const finished = await carryOut([point('measures-after-error', 8), point('engine-dies', 16)]);
    expect(statesOf(finished)).toEqual({ 'measures-after-error': 'valid', 'engine-dies': 'failed' });
    expect(recordOf(finished, 'engine-dies').reasons).toMatchObject([{ code: 'device-memory' }]);
  });
});

describe('deaths in a row', () => {
  const killed = (count: number) =>
    Array.from({ length: count }, (_, index) => point(`is-killed-${index + 1}`, 8 + index));

  test('three give up the rest of the launch', async () => {
    const finished = await carryOut([...killed(3), point('measures', 100), point('measures-2', 101)]);
    expect(starts(finished.directory)).toBe(3);
    expect(Object.values(statesOf(finished))).toEqual(['failed', 'failed', 'failed', 'skipped', 'skipped']);
    // Those that had no turn say so themselves: the next run measures them.
    expect(finished.left).toBe(5);
    expect(recordOf(finished, 'measures-2').reasons[0]?.message).toContain('SIGKILL');
  });

  test('two do not', async () => {
    const finished = await carryOut([...killed(2), point('measures', 100)]);
    expect(starts(finished.directory)).toBe(3);
    expect(recordOf(finished, 'measures').state).toBe('valid');
  });

  test('a measurement in between begins the count anew', async () => {
    const finished = await carryOut([
      ...killed(2),
      point('measures', 100),
      point('is-killed-3', 101),
      point('is-killed-4', 102),
      point('measures-2', 103),
    ]);
    expect(recordOf(finished, 'measures').state).toBe('valid');
    expect(recordOf(finished, 'measures-2').state).toBe('valid');
    expect(starts(finished.directory)).toBe(5);
  });

  test('another launch has a count of its own', async () => {
    const other = { model: 'stand-in/other' };
    const finished = await carryOut([...killed(3), point('measures', 100), point('measures-2', 8, other)]);
    expect(recordOf(finished, 'measures').state).toBe('skipped');
    expect(recordOf(finished, 'measures-2').state).toBe('valid');
  });
});

describe('an engine that does not start', () => {
  test('with the fatal text is tried once, and all its points are TERMINATED_DUE_TO_FATAL_ERROR', async () => {
    const finished = await carryOut(
      [
        point('measures', 8, { model: 'stand-in/fails-to-start' }),
        point('measures-2', 16, { model: 'stand-in/fails-to-start' }),
        point('measures-3', 8),
      ],
      { retries: 5 },
    );
    expect(starts(finished.directory)).toBe(2);
    expect(statuses(finished.directory)).toEqual([
      'TERMINATED_DUE_TO_FATAL_ERROR',
      'TERMINATED_DUE_TO_FATAL_ERROR',
      'SUCCESS',
    ]);
    // The cause, and not what only followed from it.
    expect(recordOf(finished, 'measures').reasons).toEqual([
      {
        code: 'kv-cache-too-small',
        message: expect.stringContaining('To serve at least one request'),
        status: 'TERMINATED_DUE_TO_FATAL_ERROR',
      },
    ]);
  });

  test('for its longest points is started for those that fit', async () => {
    const model = { model: 'stand-in/holds-few' };
    const finished = await carryOut([
      point('measures', 8, model),
      point('measures-2', 64, model),
      point('measures-3', 25, model),
      point('measures-4', 26, model),
    ]);
    // With 4 tokens of output: 12 and 29 fit into 30, 30 and 68 would need one more than there is or far more.
    expect(statesOf(finished)).toEqual({
      measures: 'valid',
      'measures-2': 'failed',
      'measures-3': 'valid',
      'measures-4': 'valid',
    });
    expect(starts(finished.directory)).toBe(2);
    const lengths = journalOf(finished.directory).flatMap((event) =>
      event.event === 'attempt_started' ? [event.max_model_len] : [],
    );
    expect(lengths).toEqual([69, 30]);
    expect(recordOf(finished, 'measures').max_model_len).toEqual({ value: 30, origin: 'derived' });
  });

  test('and says nothing fails its points with its exit', async () => {
    const finished = await carryOut([point('measures', 8, { model: 'stand-in/ends-at-start' })]);
    expect(recordOf(finished, 'measures')).toMatchObject({ state: 'failed', reasons: [{ code: 'engine-died' }] });
  });

  test('because there is no such program is said so', async () => {
    const tools = { python: '/nowhere/python', driver: (name: string) => name, modelPath: (model: string) => model };
    const finished = await carryOut([point('measures')], { tools });
    expect(recordOf(finished, 'measures').reasons[0]?.message).toContain('ENOENT');
  });
});
