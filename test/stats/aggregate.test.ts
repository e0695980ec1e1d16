import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Aggregate } from '../../src/schema/record.ts';
import { aggregate } from '../../src/stats/aggregate.ts';
import { isNotDescribable } from '../../src/stats/describe.ts';
import type { Placed } from '../../src/stats/placed.ts';
import { ofOneProcess, placedAs, REFERENCE } from './reference.ts';

function aggregated(values: readonly Placed[]): Aggregate {
  const result = aggregate(values);
  if (isNotDescribable(result)) throw new Error(result.problem);
  return result;
}

const near = (value: number) => expect.closeTo(value, 6);
const nearOrNull = (value: number | null) => (value === null ? null : near(value));

test.each(Object.entries(REFERENCE.aggregates))('%s: as numpy and scipy have it', (_name, expected) => {
  const [low, high] = expected.ci95 ?? [];
  expect(aggregate(ofOneProcess(expected.values))).toEqual({
    value: near(expected.value),
    n: expected.n,
    starts: expected.starts,
    ci95: low === undefined || high === undefined ? null : { low: near(low), high: near(high), over: expected.over },
    stdev: nearOrNull(expected.stdev),
    cv: nearOrNull(expected.cv),
    drift: nearOrNull(expected.trend?.share ?? null),
    min: expected.min,
    max: expected.max,
  });
});

describe('the two levels', () => {
  test('a start with many repeats counts as one with few', () => {
    // Medians of the starts: 10, 20, 30. Over all seven values the median would be 10.
    expect(aggregated(placedAs([[10, 10, 10, 10, 10], [20], [30]])).value).toBe(20);
  });

  test('the interval is over the medians of the starts, not over all samples', () => {
    const { ci95 } = aggregated(
      placedAs([
        [99, 100, 101],
        [109, 110, 111],
        [119, 120, 121],
      ]),
    );
    // 110 +- t(0.975; 2) 4.30265273 * s 10 * 0.6698291607, the standard error of the median of 3 normal values
    expect(ci95).toEqual({ low: expect.closeTo(81.18, 2), high: expect.closeTo(138.82, 2), over: 'starts' });
  });

  test('with one start its repeats are the units, and that is said', () => {
    // 100 +- t(0.975; 1) 12.7062047 * s sqrt(8) / sqrt(2)
    expect(aggregated(placedAs([[98, 102]])).ci95).toEqual({
      low: near(74.5875905),
      high: near(125.4124095),
      over: 'repeats',
    });
  });

  // A resumed start: repeats 0, 1 in one engine process, 2, 3 in another. As one, drift is +5.9 % and the interval 975 to
  // 1076; of the medians 1000.5 and 1050.5 it is 1025.5 +- t(0.975; 1) 12.7062047 * 35.3553391 / sqrt(2) = 317.6551184.
  test('two engine processes of one start are two units, and what lies between them is no drift', () => {
    const values = [1000, 1001, 1050, 1051].map((value, repeat) => ({
      ...{ start: 0, attempt: repeat < 2 ? '0001_a' : '0002_a', repeat, value },
    }));
    const found = aggregated(values);
    expect(found).toMatchObject({ value: 1025.5, n: 4, starts: 2, drift: null });
    expect(found.ci95).toEqual({ low: near(707.8448816), high: near(1343.1551184), over: 'starts' });
  });

  test('the order in which samples come is of no account', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), { minLength: 1 }),
        (starts) => {
          const values = placedAs(starts);
          expect(aggregated(values.toReversed())).toEqual(aggregated(values));
        },
      ),
    );
  });

  test('a factor on every value is one on figure, interval and spread, and none on CV and drift', () => {
    const starts = fc.array(fc.array(fc.integer({ min: 50, max: 150 }), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(starts, fc.constantFrom(0.001, 2, 1e6), (values, factor) => {
        const one = aggregated(placedAs(values));
        const scaled = aggregated(placedAs(values.map((start) => start.map((value) => value * factor))));
        const times = (value: number | null) => (value === null ? null : expect.closeTo(value * factor, 2));
        expect(scaled.ci95?.over).toBe(one.ci95?.over);
        expect([scaled.value, scaled.ci95?.low ?? null, scaled.ci95?.high ?? null, scaled.stdev]).toEqual(
          [one.value, one.ci95?.low ?? null, one.ci95?.high ?? null, one.stdev].map(times),
        );
        expect([scaled.cv, scaled.drift]).toEqual([nearOrNull(one.cv), nearOrNull(one.drift)]);
      }),
    );
  });
});

test('a mean of 0 has no coefficient of variation, and no drift', () => {
  expect(aggregated(placedAs([[0, 0, 0]]))).toMatchObject({ value: 0, stdev: 0, cv: null, drift: null });
});

test.each([
  { values: [], problem: 'no value' },
  { values: [1, Number.NaN], problem: 'value 2 of 2 is NaN' },
  { values: [-1.7e308, 1.7e308], problem: 'too large to add up' },
])('$problem is said', ({ values, problem }) => {
  expect(aggregate(placedAs([values]))).toEqual({ problem });
});
