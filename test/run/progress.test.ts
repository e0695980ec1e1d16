import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { work } from '../../src/plan/duration-guess.ts';
import type { Notice } from '../../src/run/notice.ts';
import { advance, NOTHING_YET, type Progress, secondsLeft, settledOf } from '../../src/run/progress.ts';
import { jobs, planOf } from '../plan/plans.ts';
import { point } from './runs.ts';

const plan = planOf(JSON.stringify({ standalone_runs: [point('a', 8), point('b', 16)] }));
const [launch] = plan.launches;
const [a, b] = jobs(plan);
if (launch === undefined || a === undefined || b === undefined) throw new Error('a launch with two jobs');
const attempt = '0001_a';

/** The notices of a run, each with the second at which it comes. */
function seen(...notices: readonly (readonly [number, Notice])[]): Progress {
  return notices.reduce((progress, [now, notice]) => advance(progress, notice, now), NOTHING_YET);
}
const started: Notice = { kind: 'run-started', directory: '/out', launches: 1, measurements: 5, alreadyDone: 2 };
/** The launch again, as another engine start. */
const another = { ...launch, id: 'another', name: 'another_TP-1', start: 1 };
const other = '0002_another';
const engine = (of = attempt, wanted = 3): Notice => ({
  ...{ kind: 'attempt-started', attempt: of, launch: of === other ? another : launch, number: 7, wanted },
  ...{ devices: ['0', '1'], log: 'l' },
});
const ready = (of = attempt): Notice => ({ kind: 'engine-ready', attempt: of, seconds: 20 });
const began = (job = a, of = attempt): Notice => ({ kind: 'measurement-began', attempt: of, job, repeat: 0 });
// Only its kind, its attempt and its job are looked at.
const measured = (job = a, of = attempt) => ({ kind: 'measured', attempt: of, job, repeat: 0 }) as Notice;
const failed: Notice = { kind: 'measurement-failed', attempt, job: b, repeat: 0, reason: 'it died', skipped: false };
const leftOut: Notice = { ...failed, attempt: 'no attempt', skipped: true };
const steady: Notice = { kind: 'job-steady', attempt, job: a, repeats: 3, spared: 2, cv: 0.01 };
const ended = (of = attempt): Notice => ({
  ...{ kind: 'attempt-ended', attempt: of, outcome: { kind: 'exited', exitCode: 0 }, reason: null, leftBehind: [] },
});

describe('how far a run is', () => {
  test('counts what was there, what was made, what failed and what was left out', () => {
    expect(seen([0, started])).toMatchObject({ measurements: 5, finished: 2, failed: 0, leftOut: 0 });
    const progress = seen([0, started], [1, engine()], [21, ready()], [21, began()], [25, measured()], [26, failed]);
    expect(progress).toMatchObject({ measurements: 5, finished: 3, failed: 1, running: [{ current: null }] });
    const all = advance(progress, leftOut, 27);
    expect([all.leftOut, settledOf(all)]).toEqual([1, 5]);
  });

  test('expects fewer measurements when a job is steady before its most repeats', () => {
    const progress = seen([0, started], [1, engine()], [2, steady]);
    expect(progress).toMatchObject({ measurements: 3, finished: 2, failed: 0, running: [{ settled: 2 }] });
  });

  test('names what runs, on what, since when, and the job', () => {
    const [one] = seen([0, started], [1, engine()]).running;
    expect(one).toMatchObject({ attempt, launch, devices: ['0', '1'], since: 1, readyAfter: null, current: null });
    expect(seen([0, started], [1, engine()], [21, ready()]).running).toMatchObject([{ readyAfter: 20 }]);
    const measuring = seen([0, started], [1, engine()], [21, ready()], [22, began(b)]);
    expect(measuring.running).toMatchObject([{ current: { job: b, repeat: 0, since: 22 } }]);
    expect(advance(measuring, ended(), 30).running).toEqual([]);
  });

  test('has the last line of the log of each launch', () => {
    const line = (text: string, of = attempt): Notice => ({ kind: 'line', attempt: of, text });
    const two = seen([0, engine()], [0, engine(other)], [0, line('one')], [1, line('two')], [1, line('three', other)]);
    expect(two.running.map(({ lastLine }) => lastLine)).toEqual(['two', 'three']);
  });

  test('keeps launches that run side by side apart', () => {
    const both = seen(
      [0, started],
      [1, engine()],
      [2, engine(other)],
      [21, ready()],
      [22, began()],
      [30, ready(other)],
    );
    expect(both.sideBySide).toBe(true);
    expect(both.running).toMatchObject([
      { attempt, current: { job: a } },
      { attempt: other, current: null },
    ]);
    expect(advance(both, measured(), 40).running).toMatchObject([{ settled: 1 }, { settled: 0 }]);
    expect(advance(both, ended(), 40).running).toMatchObject([{ attempt: other }]);
    expect(seen([0, engine()], [5, ended()], [6, engine(other)]).sideBySide).toBe(false);
    // Lines do not change their form again.
    expect(advance(advance(both, ended(), 40), ended(other), 41).sideBySide).toBe(true);
    expect(seen([0, engine()], [1, engine(other)], [2, ended()], [3, ended(other)], [4, engine()]).sideBySide).toBe(
      true,
    );
  });

  test('a launch that is tried again counts once', () => {
    expect(seen([0, started], [1, engine()], [2, ended()], [3, engine()]).begun).toEqual(new Set([launch.id]));
  });

  test('says what a launch waits for, until it starts or is left out', () => {
    const waits = (reason: string): Notice => ({ kind: 'launch-waiting', launch, reason });
    const waiting = seen([0, waits('GPU 0 is full')], [1, waits('GPU 1 is full')]);
    expect(waiting.waiting).toEqual([{ launch, reason: 'GPU 1 is full' }]);
    expect(advance(waiting, engine(), 2).waiting).toEqual([]);
    expect(advance(waiting, leftOut, 2).waiting).toEqual([]);
    const retry: Notice = { kind: 'retrying', launch, inSeconds: 12.4, retry: 1, of: 2 };
    expect(seen([0, retry]).waiting).toEqual([{ launch, reason: 'trying again in 12 s (retry 1 of 2)' }]);
  });
});

describe('the time that is left', () => {
  const of = (launches: number, measurements: number): Notice => ({
    ...{ kind: 'run-started', directory: '/out', launches, measurements, alreadyDone: 0 },
  });
  // The engine takes 20 s and a measurement of `a` 4 s.
  const first = [
    [1, engine(attempt, 2)],
    [21, ready()],
    [21, began()],
    [25, measured()],
  ] as const;
  const ofB = (4 * work(b.workload)) / work(a.workload);

  test('is not known before something was measured', () => {
    expect(secondsLeft(NOTHING_YET, 0)).toBeNull();
    expect(secondsLeft(seen([0, started], [1, engine()], [21, ready()]), 21)).toBeNull();
  });

  test('does not learn from a measurement that failed', () => {
    expect(secondsLeft(seen([0, started], [1, engine()], [21, ready()], [21, began(b)], [99, failed]), 99)).toBeNull();
  });

  test('of one launch is what it has still to measure', () => {
    // One of two is left; which one is not known, and so the mean of both is taken.
    expect(secondsLeft(seen([0, of(1, 2)], ...first), 25)).toBeCloseTo((4 + ofB) / 2, 10);
    // It is known when it has begun, and 1 s of it has passed.
    expect(secondsLeft(seen([0, of(1, 2)], ...first, [25, began(b)]), 26)).toBeCloseTo(ofB - 1, 10);
  });

  test('has the engine starts and measurements of launches that come, at the speed of what was measured', () => {
    // Nothing runs; two launches are to come, with 6 measurements of 4 s.
    const progress = seen([0, of(3, 7)], ...first, [26, ended()]);
    expect(secondsLeft(progress, 26)).toBeCloseTo(6 * 4 + 2 * 20, 10);
  });

  test('is shared by launches that run side by side', () => {
    // Both measure `a` from second 45 on, their last one; 8 measurements and 2 engine starts are to come.
    const both = [
      [25, engine(other, 1)],
      [45, ready(other)],
      [45, began()],
      [45, began(a, other)],
    ] as const;
    const progress = seen([0, of(4, 11)], ...first, ...both);
    expect(secondsLeft(progress, 46)).toBeCloseTo((2 * 3 + 8 * 4 + 2 * 20) / 2, 10);
  });

  test('is no less than what one launch has still to do', () => {
    // 10 measurements of both lengths in the one, the last 4 s in the other.
    const long = [
      [25, engine(other, 10)],
      [45, ready(other)],
    ] as const;
    const progress = seen([0, of(2, 12)], ...first, ...long, [45, began()]);
    expect(secondsLeft(progress, 45)).toBeCloseTo((10 * (4 + ofB)) / 2, 10);
  });

  test('is never negative', () => {
    const notice = fc.constantFrom<Notice>(
      ...[engine(), engine(other), ready(), ready(other), began(), began(b, other), measured(), measured(b, other)],
      ...[failed, leftOut, steady, ended(), ended(other)],
    );
    fc.assert(
      fc.property(fc.array(notice, { maxLength: 30 }), fc.nat(100), (notices, later) => {
        const progress = notices.reduce((so, one, now) => advance(so, one, now), seen([0, of(2, 9)], ...first));
        const left = secondsLeft(progress, notices.length + later);
        expect(left).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
