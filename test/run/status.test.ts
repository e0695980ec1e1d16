import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LockHolder } from '../../src/environment/directory-lock.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { remaining } from '../../src/plan/remaining.ts';
import { statusOf } from '../../src/run/status.ts';
import { FAILURE_CLASSES } from '../../src/schema/failure-class.ts';
import { jobs, planOf } from '../plan/plans.ts';
import { point } from './runs.ts';

const runs = [point('a', 8, { repeats: 3 }), point('b', 16)];
const plan = planOf(JSON.stringify({ standalone_runs: runs }));
const [launch] = plan.launches;
const [a, b] = jobs(plan);
if (launch === undefined || a === undefined || b === undefined) throw new Error('a launch with two jobs');

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 10, 0, second)).toISOString();
const now = new Date(at(100));
const ALIVE: LockHolder = { pid: 7, host: 'here', alive: true };

const began = (second = 0): JournalEvent => ({ event: 'run_started', at: at(second), version: '0.1.0' });
const started = (second = 1, attempt = '0001_a'): JournalEvent => ({
  ...{ event: 'attempt_started', at: at(second), attempt, launch: launch.id, start: 0, max_model_len: 64 },
  ...{ log: 'a.log', handle: null, devices: ['0', '1'], foreign: null },
});
const ready = (second = 21): JournalEvent => ({
  event: 'engine_ready',
  at: at(second),
  attempt: '0001_a',
  seconds: 20,
});
const measured = (repeat = 0, more: object = {}, job = a): JournalEvent => ({
  ...{ event: 'measured', at: at(25 + 4 * repeat), attempt: '0001_a', job: job.id, start: 0, repeat, evidence: 'x' },
  ...{ outcome: null, lines: [1, 2], beside: [], ...more },
});
const failed = (repeat: number, second = 40, id = 'device-memory', job = a): JournalEvent => ({
  ...{ event: 'measurement_failed', at: at(second), attempt: '0001_a', job: job.id, start: 0, repeat, class: id },
  ...{ reason: 'it died', lines: null },
});
const skipped: JournalEvent = {
  ...{ event: 'measurements_skipped', at: at(41), launch: launch.id, start: 0, class: 'device-memory' },
  ...{ measurements: [{ job: b.id, repeat: 0 }], reason: 'longer than one that failed' },
};
const attemptEnded: JournalEvent = {
  ...{ event: 'attempt_ended', at: at(50), attempt: '0001_a', outcome: { kind: 'exited', exitCode: 0 } },
  ...{ reason: null, left_behind: [] },
};
const ended = (interrupted_by: string | null = null, second = 60): JournalEvent => ({
  ...{ event: 'run_ended', at: at(second), interrupted_by },
});

const of = (events: readonly JournalEvent[], holder: LockHolder | null = null) =>
  statusOf({ plan, events, holder, now });

describe('a run is', () => {
  test.each([
    { what: 'running, when its orchestrator lives', events: [began()], holder: ALIVE, state: 'running' },
    // Nobody can say that a process of another host is dead.
    { what: 'running elsewhere', events: [began()], holder: { ...ALIVE, alive: null }, state: 'running' },
    {
      what: 'stopped, when it is dead',
      events: [began(), started()],
      holder: { ...ALIVE, alive: false },
      state: 'stopped',
    },
    { what: 'stopped, when nobody holds it', events: [began(), started()], holder: null, state: 'stopped' },
    { what: 'stopped, when it was interrupted', events: [began(), ended('SIGINT')], holder: null, state: 'stopped' },
    { what: 'stopped, when nothing has happened', events: [], holder: null, state: 'stopped' },
    { what: 'finished', events: [began(), ended()], holder: null, state: 'finished' },
    { what: 'stopped, when it was begun again', events: [began(), ended(), began(70)], holder: null, state: 'stopped' },
    {
      what: 'running, when it was begun again',
      events: [began(), ended(), began(70)],
      holder: ALIVE,
      state: 'running',
    },
  ])('$what', ({ events, holder, state }) => {
    expect(of(events, holder)).toMatchObject({ state, orchestrator: holder });
  });

  test('as old as its latest run', () => {
    const status = of([began(), ended('SIGINT', 10), began(70), started(80)]);
    expect(status).toMatchObject({ started_at: at(70), last_event_at: at(80), interrupted_by: null });
    expect(of([began(), ended('SIGINT', 10)])).toMatchObject({ interrupted_by: 'SIGINT' });
  });
});

describe('measurements', () => {
  // a three times, b once.
  test('are made, invalid, failed, left out, or left', () => {
    expect(of([]).measurements).toEqual({
      ...{ asked: 4, at_most: false, measured: 0, invalid: 0, failed: 0, left_out: 0, left: 4 },
    });
    const events = [began(), started(), ready(), measured(0), measured(1, { valid: false }), failed(2)];
    expect(of(events).measurements).toMatchObject({ measured: 2, invalid: 1, failed: 1, left_out: 0, left: 1 });
    expect(of([...events, skipped]).measurements).toMatchObject({ failed: 1, left_out: 1, left: 0 });
    // What failed before it was left out failed.
    const both = of([began(), started(), failed(0, 40, 'hang', b), skipped]).measurements;
    expect(both).toMatchObject({ failed: 1, left_out: 0, left: 3 });
  });

  test('that failed in an earlier run are left', () => {
    const events = [began(), started(), measured(0), failed(1), skipped, ended(), began(70)];
    expect(of(events).measurements).toMatchObject({ measured: 1, failed: 0, left_out: 0, left: 3 });
    expect(of(events.slice(0, -1)).measurements).toMatchObject({ measured: 1, failed: 1, left_out: 1, left: 1 });
  });

  test('that were made again count once, and did not fail', () => {
    const events = [began(), started(), measured(0, { valid: false }), failed(0), measured(0)];
    expect(of(events).measurements).toMatchObject({ measured: 1, invalid: 0, failed: 0, left: 3 });
  });

  test('that the plan does not ask for do not count', () => {
    const strangers = [measured(3), measured(0, { job: 'nobody' }), measured(0, { attempt: '0009_other' })];
    expect(of([began(), started(), ...strangers]).measurements).toMatchObject({ asked: 4, measured: 0, left: 4 });
  });

  test('of a point that is steady are no more', () => {
    const until = planOf(JSON.stringify({ standalone_runs: [point('a', 8, { until: { cv: 0.05, max_repeats: 9 } })] }));
    const [job] = jobs(until);
    const [one] = until.launches;
    if (job === undefined || one === undefined) throw new Error('a launch with a job');
    const begin = [began(), { ...started(), launch: one.id } as JournalEvent];
    const some = (count: number) =>
      Array.from({ length: count }, (_, repeat) => measured(repeat, { job: job.id, output_throughput_tps: 100 }));
    const told = (count: number) =>
      statusOf({ plan: until, events: [...begin, ...some(count)], holder: null, now }).measurements;
    expect(told(2)).toMatchObject({ asked: 9, at_most: true, measured: 2, left: 7 });
    expect(told(3)).toMatchObject({ asked: 3, at_most: false, measured: 3, left: 0 });
  });

  // The two are written apart, since the order of what is left costs a hash for each.
  test('that are left or failed are what a resume makes', () => {
    const event = fc.oneof(
      fc.record({ repeat: fc.nat(2), job: fc.constantFrom(a, b) }).map(({ repeat, job }) => measured(repeat, {}, job)),
      fc.nat(2).map((repeat) => failed(repeat)),
      fc.constant(skipped),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        const {
          asked,
          measured: made,
          failed: gone,
          left_out,
          left,
        } = of([began(), started(), ...events]).measurements;
        const done = events.flatMap((one) =>
          one.event === 'measured' ? [{ job: one.job, start: one.start, repeat: one.repeat }] : [],
        );
        const todo = remaining(plan, done).reduce((sum, { wanted }) => sum + wanted.length, 0);
        expect(gone + left_out + left).toBe(todo);
        expect(made + todo).toBe(asked);
      }),
    );
  });
});

describe('attempts that have not ended', () => {
  test('say what they do, since when and on what', () => {
    const one = { attempt: '0001_a', launch: launch.name, start: 0, devices: ['0', '1'] };
    expect(of([began(), started()], ALIVE).open_attempts).toEqual([
      { ...one, phase: 'loading', since: at(1), measured: 0 },
    ]);
    const events = [began(), started(), ready(), measured()];
    expect(of(events, ALIVE).open_attempts).toEqual([{ ...one, phase: 'measuring', since: at(21), measured: 1 }]);
    expect(of([...events, attemptEnded], ALIVE).open_attempts).toEqual([]);
  });

  test('of earlier runs are not told', () => {
    expect(of([began(), started(), began(70)]).open_attempts).toEqual([]);
  });
});

describe('the last failure', () => {
  test('has its class, and what to do', () => {
    const { happened, remedy } = FAILURE_CLASSES['device-memory'];
    expect(of([began(), started(), failed(0, 39, 'hang'), failed(1, 40), skipped]).last_failure).toEqual({
      ...{ at: at(40), run_name: a.run_name, class: 'device-memory', reason: 'it died', happened, remedy },
    });
  });

  test('of a class that is not known here has none of that', () => {
    const failure = of([began(), started(), failed(0, 40, 'meteorite')]).last_failure;
    expect(failure).toMatchObject({ class: 'meteorite', happened: null, remedy: null });
  });

  test('is that of the latest run', () => {
    expect(of([began(), started(), failed(0), ended(), began(70)]).last_failure).toBeNull();
  });
});

describe('the time that is left', () => {
  const events = [began(), started(), ready(), measured(0), measured(1)];

  test('is not told before anything was measured, nor where nothing runs', () => {
    expect(of(events.slice(0, 3), ALIVE).seconds_left).toBeNull();
    expect(of(events).seconds_left).toBeNull();
  });

  test('is what this directory took so far', () => {
    // Each `a` took 4 s, and so does the third; `b` is not known here, and left out.
    expect(of([...events, skipped], ALIVE).seconds_left).toBeCloseTo(4, 10);
  });

  test('has no start of an engine that is ready', () => {
    const readyAgain: JournalEvent = { event: 'engine_ready', at: at(95), attempt: '0002_a', seconds: 20 };
    const again = [...events, attemptEnded, started(75, '0002_a'), readyAgain, skipped];
    expect(of(again, ALIVE).seconds_left).toBeCloseTo(4, 10);
  });

  test('has the start of an engine that loads', () => {
    // A second attempt, 5 s old: 15 s of 20 to load, and 4 s to measure.
    const again = [...events, attemptEnded, started(95, '0002_a'), skipped];
    expect(of(again, ALIVE).seconds_left).toBeCloseTo(15 + 4, 10);
  });
});
