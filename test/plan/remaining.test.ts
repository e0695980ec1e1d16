import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DoneMeasurement,
  type MeasurementKey,
  type RemainingLaunch,
  remaining,
} from '../../src/plan/remaining.ts';
import { measurementCount, type Plan } from '../../src/schema/plan.ts';
import { planOf } from './plans.ts';

/** Plans of one to three runs with starts and repeats of their own; runs may ask for one another's points. */
const plans = fc
  .array(
    fc.record({
      workloads: fc.uniqueArray(fc.constantFrom('chatbot', 'reasoning', 'codegen-high-cache'), { minLength: 1 }),
      tensor_parallel_sizes: fc.uniqueArray(fc.constantFrom(1, 2, 4), { minLength: 1 }),
      repeats: fc.integer({ min: 1, max: 4 }),
      starts: fc.integer({ min: 1, max: 3 }),
      driver: fc.constantFrom('resident', 'stock'),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((runs) => {
    const standalone_runs = runs.map((run, index) => ({
      name: `r${index}`,
      mode: 'vllm_throughput',
      model: 'm',
      ...run,
    }));
    return planOf(JSON.stringify({ standalone_runs }));
  });

const keysOf = (left: readonly RemainingLaunch[]): MeasurementKey[] =>
  left.flatMap(({ launch, wanted }) => wanted.map(({ job, repeat }) => ({ job: job.id, start: launch.start, repeat })));
const texts = (keys: readonly MeasurementKey[]) => keys.map((key) => JSON.stringify(key)).toSorted();

describe('what remains of a plan', () => {
  test('is everything, when nothing is done', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const keys = keysOf(remaining(plan, []));
        expect(keys).toHaveLength(measurementCount(plan));
        expect(new Set(texts(keys)).size).toBe(keys.length);
      }),
    );
  });

  test('is nothing, when everything is done', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(remaining(plan, keysOf(remaining(plan, [])))).toEqual([]);
      }),
    );
  });

  test('and what is done are together the plan, without overlap', () => {
    fc.assert(
      fc.property(plans, fc.infiniteStream(fc.boolean()), (plan, coin) => {
        const all = keysOf(remaining(plan, []));
        const done = all.filter(() => coin.next().value);
        const left = keysOf(remaining(plan, done));
        expect(texts([...done, ...left])).toEqual(texts(all));
      }),
    );
  });

  test('is done in any order, twice, and beside measurements of other plans all the same', () => {
    fc.assert(
      fc.property(plans, fc.infiniteStream(fc.boolean()), (plan, coin) => {
        const done = keysOf(remaining(plan, [])).filter(() => coin.next().value);
        const foreign = { job: 'ffffffffffffffff', start: 0, repeat: 0 };
        expect(remaining(plan, [foreign, ...done.toReversed(), ...done])).toEqual(remaining(plan, done));
      }),
    );
  });

  test('keeps the launches in the order of the plan, and none that has nothing to do', () => {
    fc.assert(
      fc.property(plans, fc.infiniteStream(fc.boolean()), (plan, coin) => {
        const left = remaining(
          plan,
          keysOf(remaining(plan, [])).filter(() => coin.next().value),
        );
        const ids = left.map(({ launch }) => launch.id);
        expect(ids).toEqual(plan.launches.map(({ id }) => id).filter((id) => ids.includes(id)));
        expect(left.every(({ wanted }) => wanted.length > 0)).toBe(true);
      }),
    );
  });
});

describe('within a launch', () => {
  const run = (name: string, inputs: readonly number[], repeats: number, more: object = {}) => ({
    ...{ name, mode: 'vllm_throughput', model: 'm', repeats },
    length_configs: inputs.map((input_len) => ({ input_len, output_len: 1 })),
    ...more,
  });
  const planFor = (...standalone_runs: readonly object[]) => planOf(JSON.stringify({ standalone_runs }));
  /** The rounds of each launch: what is measured in repeat 0, in repeat 1, ... */
  const rounds = (plan: Plan, done: readonly MeasurementKey[] = []) =>
    remaining(plan, done).map(({ wanted }) => {
      const numbers = wanted.map(({ repeat }) => repeat);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      return [...new Set(numbers)].map((number) =>
        wanted.filter(({ repeat }) => repeat === number).map(({ job }) => job.workload.input_len),
      );
    });
  const sortedRounds = (plan: Plan, done: readonly MeasurementKey[] = []) =>
    rounds(plan, done).map((launch) => launch.map((round) => round.toSorted((a, b) => a - b)));

  test('repeats go round-robin over the jobs', () => {
    expect(sortedRounds(planFor(run('a', [10, 20, 30], 2)))).toEqual([
      [
        [10, 20, 30],
        [10, 20, 30],
      ],
    ]);
  });

  test('jobs with fewer repeats drop out of the later rounds', () => {
    expect(sortedRounds(planFor(run('a', [10], 1), run('b', [20], 3)))).toEqual([[[10, 20], [20], [20]]]);
  });

  test('what is done is left out of its round', () => {
    const plan = planFor(run('a', [10, 20], 2));
    const [ten] = plan.launches[0]?.jobs ?? [];
    expect(sortedRounds(plan, [{ job: ten?.id ?? '', start: 0, repeat: 0 }])).toEqual([[[20], [10, 20]]]);
  });

  test('raising repeats adds only what is missing', () => {
    const done = keysOf(remaining(planFor(run('a', [10, 20], 2)), []));
    expect(sortedRounds(planFor(run('a', [10, 20], 3)), done)).toEqual([[[10, 20]]]);
  });

  test('a measurement of another engine start counts for that one only', () => {
    const plan = planFor(run('a', [10], 1, { starts: 2 }));
    const id = plan.launches[0]?.jobs[0]?.id ?? '';
    expect(remaining(plan, [{ job: id, start: 0, repeat: 0 }]).map(({ launch }) => launch.start)).toEqual([1]);
  });

  describe('the order of a round', () => {
    const inputs = Array.from({ length: 12 }, (_, index) => 10 * (index + 1));
    const plan = planFor(run('a', inputs, 3, { starts: 2 }));
    const seeded = (order_seed: number): Plan => ({ ...plan, order_seed });

    test('is the same for the same seed', () => {
      expect(rounds(seeded(5))).toEqual(rounds(seeded(5)));
    });

    test('is another for another seed, another engine start and another repeat', () => {
      // 12! orders: that two of these are equal by chance has a probability below 1e-7.
      const orders = [seeded(1), seeded(2)].flatMap((one) => rounds(one).flat()).map(String);
      expect(new Set([...orders, String(inputs)]).size).toBe(2 * 2 * 3 + 1);
    });

    test('stays the same for what is left, when some of it is done', () => {
      fc.assert(
        fc.property(fc.infiniteStream(fc.boolean()), (coin) => {
          const all = keysOf(remaining(plan, []));
          const done = all.filter(() => coin.next().value);
          const isDone = new Set(texts(done));
          expect(keysOf(remaining(plan, done))).toEqual(all.filter((key) => !isDone.has(JSON.stringify(key))));
        }),
      );
    });

    test('puts every job in every place about equally often', () => {
      const firsts = Array.from({ length: 1000 }, (_, seed) => rounds(seeded(seed))[0]?.[0]?.indexOf(10) ?? -1);
      const counts = inputs.map((_, place) => firsts.filter((one) => one === place).length);
      // Chi-squared of 12 places, 1000 / 12 expected in each; 31.26 is the quantile at 0.999 of 11 degrees of freedom.
      const expected = 1000 / 12;
      expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(31.26);
    });
  });

  describe('a job that is repeated until it is steady', () => {
    const until = { cv: 0.03, max_repeats: 5 };
    const plan = planFor(run('a', [10], 2, { starts: 2 }), run('b', [20], 1, { starts: 2 }));
    const launches = plan.launches.map((launch) => ({
      ...launch,
      jobs: launch.jobs.map((job) => (job.workload.input_len === 10 ? { ...job, until } : job)),
    }));
    const steadied: Plan = { ...plan, launches };
    const id = plan.launches[0]?.jobs.find(({ workload }) => workload.input_len === 10)?.id ?? '';
    const measured = (...throughputs: readonly (number | null)[]) =>
      throughputs.map((output_throughput_tps, repeat) => ({ job: id, start: 0, repeat, output_throughput_tps }));
    const left = (done: readonly DoneMeasurement[]) =>
      remaining(steadied, done)
        .filter(({ launch }) => launch.start === 0)
        .flatMap(({ wanted }) => wanted.filter(({ job }) => job.id === id).map(({ repeat }) => repeat));

    test('wants its most repeats at first, and that is how many are counted', () => {
      expect(left([])).toEqual([0, 1, 2, 3, 4]);
      // (5 and 1) in each of 2 engine starts
      expect(measurementCount(steadied)).toBe(12);
    });

    test('wants no more when it is steady: mean 100, standard deviation 3', () => {
      expect(left(measured(97, 100, 103))).toEqual([]);
    });

    test('goes on when it is not: mean 100, standard deviation 4', () => {
      expect(left(measured(96, 100, 104))).toEqual([3, 4]);
    });

    test('makes three repeats in any case', () => {
      expect(left(measured(100, 100))).toEqual([2, 3, 4]);
    });

    test('is steady in each engine start by itself', () => {
      const starts = remaining(steadied, measured(97, 100, 103)).map(({ launch, wanted }) => [
        launch.start,
        wanted.length,
      ]);
      // The other job in start 0; that one and five repeats in start 1.
      expect(starts).toEqual([
        [0, 1],
        [1, 6],
      ]);
    });

    test('is not made steady by what another engine start measured', () => {
      const inStart = (start: number) => measured(97, 100, 103).map((one) => ({ ...one, start }));
      expect(left(inStart(1))).toEqual([0, 1, 2, 3, 4]);
      // Start 1 at another level does not make start 0 unsteady either: together their CV would be 0.36.
      const slower = inStart(1).map((one) => ({ ...one, output_throughput_tps: (one.output_throughput_tps ?? 0) / 2 }));
      expect(left([...inStart(0), ...slower])).toEqual([]);
    });

    test('goes on when a throughput is not told', () => {
      expect(left(measured(97, null, 103))).toEqual([3, 4]);
    });
  });
});
