import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import { durationsOf, type PastEvent } from '../../src/plan/duration.ts';
import { work } from '../../src/plan/duration-guess.ts';
import { type RemainingLaunch, remaining } from '../../src/plan/remaining.ts';
import type { Facts } from '../../src/schema/facts.ts';
import type { Plan } from '../../src/schema/plan.ts';
import { checkpoint, DENSE, MOE, NO_FACTS, onlyJob, planOf } from './plans.ts';

const run = (name: string, more: object = {}) => ({
  ...{ name, mode: 'vllm_throughput', model: 'm', num_prompts: 100 },
  length_configs: [{ input_len: 100, output_len: 100 }],
  ...more,
});
const planFor = (runs: readonly object[], facts: Facts = NO_FACTS) =>
  planOf(JSON.stringify({ standalone_runs: runs }), facts);

/** Seconds of each launch of a plan, by its first point's name. */
function secondsOf(plan: Plan, events: Iterable<PastEvent> = []): number[] {
  return remaining(plan, []).map(durationsOf(plan, events));
}

const clock = (seconds: number) => new Date(1_800_000_000_000 + 1000 * seconds).toISOString();

/** The journal of an attempt at a launch: its engine is ready after so many seconds, and measures its jobs. */
function attemptAt(plan: Plan, index: number, ready: number, measuring: readonly number[]): PastEvent[] {
  const launch = plan.launches[index];
  if (launch === undefined) throw new Error(`no launch ${index}`);
  const attempt = `attempt-${index}`;
  let now = ready;
  return [
    { event: 'attempt_started', at: clock(0), attempt, launch: launch.id },
    ...(launch.engine.driver.kind === 'resident'
      ? [{ event: 'engine_ready', at: clock(ready), attempt, seconds: ready }]
      : []),
    ...measuring.map((seconds, place) => {
      now += seconds;
      return { event: 'measured', at: clock(now), attempt, job: launch.jobs[place]?.id ?? '' };
    }),
  ];
}

describe('the seconds that a launch is expected to take', () => {
  test('are those of its jobs as they were measured, and of the start of its engine', () => {
    const plan = planFor([
      run('a', { length_configs: [16, 32].map((n) => ({ input_len: n, output_len: n })), repeats: 2 }),
    ]);
    // 50 s, then twice 7 s and twice 11 s.
    const events = attemptAt(plan, 0, 50, [7, 11]);
    expect(secondsOf(plan, events)).toEqual([50 + 2 * 7 + 2 * 11]);
    const [, second] = plan.launches[0]?.jobs ?? [];
    const wanted = remaining(plan, []).map((one) => ({
      ...one,
      wanted: one.wanted.filter(({ job }) => job === second),
    }));
    expect(wanted.map(durationsOf(plan, events))).toEqual([50 + 2 * 11]);
  });

  test('are by the speed of its own engine, when others of the model are slower', () => {
    const length_configs = [100, 300].map((n) => ({ input_len: n, output_len: n }));
    const plan = planFor([run('a', { length_configs, max_num_seqs: [8, 16] })]);
    const [seconds, others] = secondsOf(plan, [...attemptAt(plan, 0, 50, [7]), ...attemptAt(plan, 1, 60, [21])]);
    expect(seconds).toBeCloseTo(50 + 7 + 3 * 7, 9);
    expect(others).toBeCloseTo(60 + 21 + 3 * 21, 9);
  });

  test('are by the speed of the same engine for a point that was not measured yet', () => {
    const plan = planFor([run('a', { length_configs: [100, 300].map((n) => ({ input_len: n, output_len: n })) })]);
    // The other point is three times the work.
    const [seconds] = secondsOf(plan, attemptAt(plan, 0, 50, [7]));
    expect(seconds).toBeCloseTo(50 + 7 + 3 * 7, 9);
  });

  test('come from the closest launches of which something is known', () => {
    const more = { max_num_seqs: [8, 16], tensor_parallel_sizes: [1, 2] };
    const plan = planFor([run('a', more), run('b', { ...more, model: 'other' })]);
    const at = (model: string, tp: number, seqs: number) =>
      plan.launches.findIndex(
        ({ engine }) => engine.model === model && engine.tensor_parallel_size === tp && engine.max_num_seqs === seqs,
      );
    const events = [...attemptAt(plan, at('m', 1, 8), 50, [8]), ...attemptAt(plan, at('other', 1, 8), 70, [80])];
    const seconds = secondsOf(plan, events);
    expect(seconds[at('m', 1, 16)]).toBeCloseTo(58, 9);
    // Twice the devices measure twice as fast; an engine starts as on one.
    expect(seconds[at('m', 2, 8)]).toBeCloseTo(54, 9);
    expect(seconds[at('other', 2, 16)]).toBeCloseTo(110, 9);
  });

  test('come from other models where nothing else is known, by their size', () => {
    const facts: Facts = {
      ...NO_FACTS,
      checkpoints: [checkpoint({ size: DENSE }), checkpoint({ model: 'other', size: MOE })],
    };
    const plan = planFor([run('a'), run('b', { model: 'other' })], facts);
    // Of the other's 47e9 parameters a token is computed with 13e9, of this one's 8e9 with all. An engine of this one
    // was expected to start in 60 + 2 x 8 = 76 s, and of the other in 60 + 2 x 47 = 154 s.
    const [, other] = secondsOf(plan, attemptAt(plan, 0, 152, [8]));
    expect(other).toBeCloseTo(2 * 154 + 13, 9);
  });

  test('of vLLM’s own benchmark, which does not tell when its engine is ready, are those of the whole attempt', () => {
    const plan = planFor([run('a', { driver: 'stock', starts: 2 })]);
    const [, other] = secondsOf(plan, attemptAt(plan, 0, 0, [90]));
    expect(other).toBeCloseTo(90, 9);
    expect(secondsOf(plan)[0]).toBeCloseTo(secondsOf(planFor([run('a')]))[0] ?? 0, 9);
  });

  test('leave out what failed, and attempts of another plan', () => {
    const plan = planFor([run('a')]);
    const other = planFor([run('a', { max_num_seqs: 8 })]);
    const [job] = plan.launches[0]?.jobs ?? [];
    const attempt = 'attempt-0';
    const failing = [
      { event: 'attempt_started', at: clock(0), attempt, launch: plan.launches[0]?.id ?? '' },
      { event: 'engine_ready', at: clock(50), attempt, seconds: 50 },
      { event: 'measurement_failed', at: clock(500), attempt, job: job?.id ?? '' },
      { event: 'measured', at: clock(507), attempt, job: job?.id ?? '' },
    ];
    expect(secondsOf(plan, failing)).toEqual([57]);
    expect(secondsOf(plan, attemptAt(other, 0, 500, [500]))).toEqual(secondsOf(plan));
  });

  test('do not heed a time that cannot be read', () => {
    const plan = planFor([run('a')]);
    const events = attemptAt(plan, 0, 50, [7]).map((event) => ({ ...event, at: 'soon' }));
    expect(secondsOf(plan, events)).toEqual([50]);
  });

  test('are read from the journal as it is', () => {
    const plan = planFor([run('a')]);
    const events: JournalEvent[] = [{ event: 'run_started', at: clock(0), version: '1' }];
    expect(secondsOf(plan, events)).toEqual(secondsOf(plan));
  });
});

describe('nothing makes the seconds less that makes a launch longer', () => {
  const lengths = fc.integer({ min: 1, max: 4096 });
  const workloads = fc.record({ num_prompts: fc.integer({ min: 1, max: 2000 }), input: lengths, output: lengths });
  const durationOf = (one: { num_prompts: number; input: number; output: number }, parameters: number) => {
    const size = { ...DENSE, parameters, active_parameters: parameters };
    const facts = { ...NO_FACTS, checkpoints: [checkpoint({ size })] };
    const { num_prompts, input: input_len, output: output_len } = one;
    return secondsOf(planFor([run('a', { num_prompts, length_configs: [{ input_len, output_len }] })], facts))[0] ?? 0;
  };

  test('more prompts, longer ones, a larger model', () => {
    fc.assert(
      fc.property(workloads, workloads, lengths, lengths, (one, more, small, larger) => {
        const both = {
          num_prompts: one.num_prompts + more.num_prompts,
          input: one.input + more.input,
          output: one.output + more.output,
        };
        expect(durationOf(both, 1e9 * (small + larger))).toBeGreaterThan(durationOf(one, 1e9 * small));
      }),
      { numRuns: 30 },
    );
  });

  test('more measurements, whatever was seen before', () => {
    const plan = planFor([
      run('a', { length_configs: [10, 20, 40].map((n) => ({ input_len: n, output_len: n })), repeats: 3 }),
    ]);
    const [all] = remaining(plan, []);
    const times = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 3 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 9 }), (measuring, left) => {
        if (all === undefined) throw new Error('no launch');
        const duration = durationsOf(plan, attemptAt(plan, 0, 50, measuring));
        const fewer: RemainingLaunch = { ...all, wanted: all.wanted.slice(0, left) };
        expect(duration(fewer)).toBeLessThanOrEqual(duration(all));
      }),
    );
  });
});

test('the journal of 10,000 measurements is read in a fraction of a second', () => {
  const points = Array.from({ length: 100 }, (_, n) => ({ input_len: n + 1, output_len: 1 }));
  const plan = planFor([run('a', { length_configs: points, repeats: 100 })]);
  const [start, ready, ...measured] = attemptAt(
    plan,
    0,
    50,
    points.map(() => 1),
  );
  const events = [start, ready, ...Array.from({ length: 100 }).flatMap(() => measured)].flatMap((event) => event ?? []);
  expect(events).toHaveLength(10_002);
  const before = process.cpuUsage();
  durationsOf(plan, events);
  expect(process.cpuUsage(before).user).toBeLessThan(3e5);
});

test('work counts computed tokens: none for a warm prefix, a dozen for a generated one, and warm-ups', () => {
  const workload = { ...onlyJob(planFor([run('a')])).workload, prompt_len: 100, shared_len: 60, output_len: 10 };
  expect(work({ ...workload, num_prompts: 3, warmups: 1, prefix_state: 'warm' })).toBe((3 + 1) * (40 + 120));
  expect(work({ ...workload, num_prompts: 3, warmups: 1, prefix_state: 'cold' })).toBe((3 + 1) * (100 + 120));
});
