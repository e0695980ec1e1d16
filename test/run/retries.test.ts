import { describe, expect, test, vi } from 'vitest';
import { carryOut, journalOf, point, readJson, recordOf, statesOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const starts = (directory: string) => journalOf(directory).filter(({ event }) => event === 'attempt_started').length;

describe('the retryable text', () => {
  test('is worth another attempt, after the delay, which measures everything', async () => {
    const begin = performance.now();
    const finished = await carryOut([point('measures', 8), point('nvlink-once', 16), point('measures-2', 24)], {
      retries: 1,
      retryDelaySeconds: 1.5,
    });
    expect(statesOf(finished)).toEqual({ measures: 'valid', 'nvlink-once': 'valid', 'measures-2': 'valid' });
    expect(recordOf(finished, 'nvlink-once').reasons).toEqual([]);
    expect(starts(finished.directory)).toBe(2);
    // What was measured before the error is not measured again.
    expect(finished.began.map((name) => name.replace(/_TP.*/, ''))).toEqual([
      'measures',
      'nvlink-once',
      'nvlink-once',
      'measures-2',
    ]);
    const retrying = finished.notices.filter((notice) => notice.kind === 'retrying');
    expect(retrying).toEqual([expect.objectContaining({ retry: 1, of: 1 })]);
    // Up to a quarter more, so that launches that failed together do not come back together.
    expect(retrying[0]?.inSeconds).toBeGreaterThanOrEqual(1.5);
    expect(retrying[0]?.inSeconds).toBeLessThan(1.5 * 1.25);
    expect(performance.now() - begin).toBeGreaterThan(1500);
  });

  test.each([0, 1, 2])('is tried again %i times at most', async (retries) => {
    const finished = await carryOut([point('measures', 8, { model: 'stand-in/nvlink-at-start' })], { retries });
    expect(starts(finished.directory)).toBe(1 + retries);
    expect(recordOf(finished, 'measures').reasons).toEqual([
      {
        code: 'device-lost',
        message: expect.stringContaining('uncorrectable NVLink error'),
        status: 'RETRYABLE_ERROR',
      },
    ]);
    expect(readJson<{ status: string }[]>(finished.directory, 'summary_report.json')[0]?.status).toBe(
      'RETRYABLE_ERROR',
    );
  });

  test('that a job always brings about fails this job only', async () => {
    const finished = await carryOut([point('nvlink', 8), point('measures', 16)], { retries: 1 });
    expect(statesOf(finished)).toEqual({ nvlink: 'failed', measures: 'valid' });
    // The first, the retry, and the engine for the other one.
    expect(starts(finished.directory)).toBe(3);
  });

  test('of a measurement that its engine survives is worth another one too', async () => {
    const finished = await carryOut([point('disk-full-once', 8), point('measures', 16)], { retries: 1 });
    expect(statesOf(finished)).toEqual({ 'disk-full-once': 'valid', measures: 'valid' });
    expect(starts(finished.directory)).toBe(2);
    const never = await carryOut([point('disk-full', 8), point('measures', 16)], { retries: 1 });
    expect(statesOf(never)).toEqual({ 'disk-full': 'failed', measures: 'valid' });
    expect(recordOf(never, 'disk-full').reasons).toMatchObject([{ code: 'disk-full' }]);
    expect(starts(never.directory)).toBe(2);
    expect(never.began).toHaveLength(3);
  });

  test('stops being waited for when the user wants to stop', async () => {
    const stop = new AbortController();
    const begin = performance.now();
    const finished = await carryOut([point('nvlink')], {
      retries: 1,
      retryDelaySeconds: 60,
      signal: stop.signal,
      notify: ({ kind }) => kind === 'retrying' && stop.abort('SIGINT'),
    });
    expect(performance.now() - begin).toBeLessThan(30_000);
    expect(finished).toMatchObject({ interruptedBy: 'SIGINT', left: 1 });
    expect(starts(finished.directory)).toBe(1);
  });
});

describe('any other failure', () => {
  test.each(['job-failed', 'engine-dies', 'is-killed', 'writes-nothing'])('%s is not retried', async (bad) => {
    const finished = await carryOut([point(bad)], { retries: 3 });
    expect(starts(finished.directory)).toBe(1);
    expect(finished.notices.some(({ kind }) => kind === 'retrying')).toBe(false);
  });
});
