import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { figuresOf } from '../../scripts/bench/makespan.ts';
import { between, misjudged, night, randomFrom } from '../../scripts/bench/nights.ts';
import { optimum } from '../../scripts/bench/optimum.ts';
import { orderOf } from '../../src/plan/launch-order.ts';
import { lowerBound, makespanOf, simulate, type Task } from '../../src/plan/schedule.ts';

const DEVICES = 8;
const plans = (most: number) =>
  fc
    .array(
      fc.record({
        devices: fc.constantFrom(1, 2, 4, 8),
        seconds: fc.integer({ min: 1, max: 20 }),
        exclusive: fc.boolean(),
      }),
      { minLength: 1, maxLength: most },
    )
    .map((some) => some.map((one, index): Task => ({ ...one, id: String(index) })));
const lengthOf = (order: readonly Task[]) => makespanOf(simulate(order, DEVICES));

/** All orders of a few tasks. */
function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries())
    for (const rest of permutations(items.toSpliced(index, 1))) yield [item, ...rest];
}

describe('the order of launches', () => {
  test('has every task once, and is the same every time', () => {
    fc.assert(
      fc.property(plans(8), (tasks) => {
        const order = orderOf(tasks, DEVICES);
        expect(order.toSorted((a, b) => Number(a.id) - Number(b.id))).toEqual(tasks);
        expect(orderOf(tasks, DEVICES)).toEqual(order);
      }),
      { numRuns: 30 },
    );
  });

  test('is that of the plan where launches run one after the other', () => {
    fc.assert(
      fc.property(plans(8), (tasks) => {
        expect(
          orderOf(
            tasks.map((task) => ({ ...task, exclusive: true })),
            DEVICES,
          ).map(({ id }) => id),
        ).toEqual(tasks.map(({ id }) => id));
      }),
      { numRuns: 30 },
    );
  });

  test('lets the long narrow ones run beside the wide ones', () => {
    // Seven hours of TP 1 beside seven of TP 4 in a row; the order of TP sizes would begin with all of TP 1.
    const wide = Array.from(
      { length: 7 },
      (_, i): Task => ({ id: `w${i}`, devices: 4, seconds: 60, exclusive: false }),
    );
    const narrow = Array.from(
      { length: 4 },
      (_, i): Task => ({ id: `n${i}`, devices: 1, seconds: 420, exclusive: false }),
    );
    expect(lengthOf(orderOf([...wide, ...narrow], DEVICES))).toBe(420);
  });

  test.each([
    [1000, DEVICES],
    [10_000, DEVICES],
  ])('takes less than a second of the processor for %i launches on %i devices', (count, devices) => {
    const tasks = night(randomFrom(1), count);
    // Of the processor: others may keep it busy.
    const before = process.cpuUsage();
    const order = orderOf(tasks, devices);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(1e6);
    expect(new Set(order).size).toBe(count);
  });

  test.each([
    ['one device', 1, false],
    ['launches that run alone', DEVICES, true],
  ])('is found without a trial for %s', (_, devices, exclusive) => {
    const tasks = night(randomFrom(1), 10_000).map((task) => ({ ...task, devices: 1, exclusive }));
    const before = process.cpuUsage();
    expect(orderOf(tasks, devices)).toEqual(tasks);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(0.3e6);
  });

  test('of 2,000 launches ends within 1.02 x the lower bound', () => {
    const tasks = night(randomFrom(1), 2000);
    expect(lengthOf(orderOf(tasks, DEVICES))).toBeLessThan(1.02 * lowerBound(tasks, DEVICES));
  });
});

describe('the optimum', () => {
  /** Each task as early as possible behind those before it in the order: the best of all orders is optimal. */
  function serial(order: readonly Task[]): number {
    const placed: { readonly start: number; readonly end: number; readonly devices: number }[] = [];
    for (const { devices, seconds } of order) {
      const fits = (start: number) =>
        [start, ...placed.map((one) => one.start)]
          .filter((at) => at >= start && at < start + seconds)
          .every(
            (at) =>
              devices +
                placed.filter((one) => one.start <= at && at < one.end).reduce((n, one) => n + one.devices, 0) <=
              DEVICES,
          );
      const start = [0, ...placed.map(({ end }) => end)].toSorted((a, b) => a - b).find(fits) ?? Number.NaN;
      placed.push({ start, end: start + seconds, devices });
    }
    return Math.max(...placed.map(({ end }) => end));
  }

  /** Widths that do not divide each other leave more to search. */
  const sixTasks = fc
    .array(fc.record({ devices: fc.integer({ min: 1, max: 6 }), seconds: fc.integer({ min: 1, max: 20 }) }), {
      minLength: 6,
      maxLength: 6,
    })
    .map((some) => some.map((one, index): Task => ({ ...one, id: String(index), exclusive: false })));

  test('is the best of all orders', () => {
    fc.assert(
      fc.property(sixTasks, (tasks) => {
        const best = Math.min(...[...permutations(tasks)].map(serial));
        expect(optimum(tasks, DEVICES, Number.POSITIVE_INFINITY)).toEqual({ makespan: best, proven: true });
      }),
    );
  });
});

describe('nights on eight GPUs', () => {
  const SEED = 5;

  test.each([
    // Without the search the mean is 1.027; with the futures left out it is 1.053 where expectations are wrong.
    ['as expected', 1, 1.02],
    ['wrong by a factor of up to 2', 2, 1.045],
  ])(
    'of 16 launches and more end within 1.10 x the lower bound, all but one of twelve, with durations %s',
    async (_, most, mean) => {
      const random = randomFrom(SEED);
      const ratios: number[] = [];
      for (let i = 0; i < 12; i += 1) {
        const { ours, best } = await figuresOf(night(random, between(random, 16, 64)), most, random);
        ratios.push(ours / best);
      }
      expect(ratios.reduce((sum, ratio) => sum + ratio) / ratios.length).toBeLessThan(mean);
      expect(ratios.filter((ratio) => ratio > 1.1).length).toBeLessThanOrEqual(1);
    },
  );

  test('of a few launches end within 1.10 x the optimum, half of them at it', async () => {
    const random = randomFrom(SEED);
    const ratios: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      const { ours, best, proven } = await figuresOf(night(random, between(random, 4, 10)), 1, random);
      expect(proven).toBe(true);
      expect(ours).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      ratios.push(ours / best);
    }
    expect(ratios.filter((ratio) => ratio < 1.001).length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...ratios)).toBeLessThan(1.1);
  });

  test('are misjudged by a factor of up to 2, to either side', () => {
    const tasks = night(randomFrom(SEED), 500);
    const factors = misjudged(randomFrom(SEED), tasks, 2).map(({ seconds }, i) => seconds / (tasks[i]?.seconds ?? 0));
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...factors)).toBeLessThanOrEqual(2);
    expect(factors.filter((factor) => factor > 1).length).toBeGreaterThan(200);
    expect(factors.filter((factor) => factor < 1).length).toBeGreaterThan(200);
  });
});
