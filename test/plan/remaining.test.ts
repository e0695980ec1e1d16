import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MeasurementKey, type RemainingLaunch, remaining } from '../../src/plan/remaining.ts';
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
  const order = (plan: Plan, done: readonly MeasurementKey[] = []) =>
    remaining(plan, done).map(({ wanted }) => wanted.map(({ job, repeat }) => `${job.workload.input_len} r${repeat}`));
  const run = (name: string, inputs: readonly number[], repeats: number) => ({
    ...{ name, mode: 'vllm_throughput', model: 'm', repeats },
    length_configs: inputs.map((input_len) => ({ input_len, output_len: 1 })),
  });
  const planFor = (...standalone_runs: readonly object[]) => planOf(JSON.stringify({ standalone_runs }));

  test('repeats go round-robin over the jobs', () => {
    expect(order(planFor(run('a', [10, 20, 30], 2)))).toEqual([['10 r0', '20 r0', '30 r0', '10 r1', '20 r1', '30 r1']]);
  });

  test('jobs with fewer repeats drop out of the later rounds', () => {
    expect(order(planFor(run('a', [10], 1), run('b', [20], 3)))).toEqual([['10 r0', '20 r0', '20 r1', '20 r2']]);
  });

  test('what is done is left out of its round', () => {
    const plan = planFor(run('a', [10, 20], 2));
    const [ten] = plan.launches[0]?.jobs ?? [];
    expect(order(plan, [{ job: ten?.id ?? '', start: 0, repeat: 0 }])).toEqual([['20 r0', '10 r1', '20 r1']]);
  });

  test('raising repeats adds only what is missing', () => {
    const done = keysOf(remaining(planFor(run('a', [10, 20], 2)), []));
    expect(order(planFor(run('a', [10, 20], 3)), done)).toEqual([['10 r2', '20 r2']]);
  });

  test('a measurement of another engine start counts for that one only', () => {
    const plan = planOf(JSON.stringify({ standalone_runs: [{ ...run('a', [10], 1), starts: 2 }] }));
    const id = plan.launches[0]?.jobs[0]?.id ?? '';
    expect(remaining(plan, [{ job: id, start: 0, repeat: 0 }]).map(({ launch }) => launch.start)).toEqual([1]);
  });
});
