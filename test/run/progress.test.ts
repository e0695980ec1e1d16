import { describe, expect, test } from 'vitest';
import type { Notice } from '../../src/run/notice.ts';
import { advance, NOTHING_YET, type Progress, secondsLeft, work } from '../../src/run/progress.ts';
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
const engine: Notice = { kind: 'attempt-started', attempt, launch, number: 1, wanted: 3, devices: [], log: 'l' };
const ready: Notice = { kind: 'engine-ready', attempt, seconds: 20 };
const began = (job = a): Notice => ({ kind: 'measurement-began', attempt, job, repeat: 0 });
// Only its kind and its job are looked at.
const measured = (job = a) => ({ kind: 'measured', attempt, job, repeat: 0 }) as Notice;
const failed: Notice = { kind: 'measurement-failed', attempt, job: b, repeat: 0, reason: 'it died', skipped: false };
const ended: Notice = {
  kind: 'attempt-ended',
  attempt,
  outcome: { kind: 'exited', exitCode: 0 },
  reason: null,
  leftBehind: [],
};

describe('how far a run is', () => {
  test('counts what was there, what was made and what failed', () => {
    expect(seen([0, started])).toMatchObject({ measurements: 5, finished: 2, failed: 0 });
    const progress = seen([0, started], [1, engine], [21, ready], [21, began()], [25, measured()], [26, failed]);
    expect(progress).toMatchObject({ measurements: 5, finished: 3, failed: 1, current: null });
  });

  test('expects fewer measurements when a job is steady before its most repeats', () => {
    const steady: Notice = { kind: 'job-steady', attempt, job: a, repeats: 3, spared: 2, cv: 0.01 };
    expect(seen([0, started], [1, engine], [2, steady])).toMatchObject({ measurements: 3, finished: 2, failed: 0 });
  });

  test('names the launch, since when, and the job', () => {
    expect(seen([0, started], [1, engine]).launch).toEqual({ launch, number: 1, since: 1, readyAfter: null });
    expect(seen([0, started], [1, engine], [21, ready]).launch?.readyAfter).toBe(20);
    expect(seen([0, started], [1, engine], [21, ready], [22, began(b)]).current).toEqual({
      job: b,
      repeat: 0,
      since: 22,
    });
    expect(seen([0, started], [1, engine], [21, ready], [22, began(b)], [30, ended])).toMatchObject({
      ...{ launch: null, current: null },
    });
  });

  test('has the last line of the log', () => {
    const line = (text: string): Notice => ({ kind: 'line', attempt, text });
    expect(seen([0, line('one')], [1, line('two')]).lastLine).toBe('two');
  });
});

describe('the time that is left', () => {
  test('is not known before something was measured', () => {
    expect(secondsLeft(NOTHING_YET, 100, 1)).toBeNull();
    expect(secondsLeft(seen([0, started], [1, engine], [21, ready]), 100, 1)).toBeNull();
  });

  test('is the work at the speed of what was measured, and the starts of engines that come', () => {
    // One measurement took 4 s, the engine 20 s: twice the work and two engines are 2 x 4 + 2 x 20.
    const progress = seen([0, started], [1, engine], [21, ready], [21, began()], [25, measured()]);
    expect(secondsLeft(progress, 2 * work(a.workload), 2)).toBeCloseTo(48, 10);
    expect(secondsLeft(progress, 0, 0)).toBe(0);
  });

  test('does not learn from a measurement that failed', () => {
    const progress = seen([0, started], [1, engine], [21, ready], [21, began(b)], [99, failed]);
    expect(secondsLeft(progress, 100, 0)).toBeNull();
  });
});

test('work counts computed tokens: a warm prefix costs nothing, a generated token a dozen, a warm-up as a request', () => {
  const workload = { ...a.workload, prompt_len: 100, shared_len: 60, output_len: 10, num_prompts: 3, warmups: 1 };
  expect(work({ ...workload, prefix_state: 'warm' })).toBe((3 + 1) * (40 + 120));
  expect(work({ ...workload, prefix_state: 'cold' })).toBe((3 + 1) * (100 + 120));
});
