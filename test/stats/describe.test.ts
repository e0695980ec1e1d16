import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describe, isNotDescribable } from '../../src/stats/describe.ts';
import { REFERENCE } from './reference.ts';

// python -c "import numpy as np; x = [0.31, 0.12, 0.95, 0.44, 0.27, 1.8, 0.5]
// print(np.mean(x), np.std(x, ddof=1), np.percentile(x, [1, 50, 90, 95, 99]))"        numpy 2.3.5
test('agrees with numpy on seven values', () => {
  expect(described([0.31, 0.12, 0.95, 0.44, 0.27, 1.8, 0.5])).toEqual({
    n: 7,
    mean: expect.closeTo(0.6271428571428571, 12),
    stdev: expect.closeTo(0.5797043581491715, 12),
    min: 0.12,
    p1: expect.closeTo(0.129, 12),
    p50: 0.44,
    p90: expect.closeTo(1.29, 12),
    p95: expect.closeTo(1.545, 12),
    p99: expect.closeTo(1.749, 12),
    max: 1.8,
  });
});

// python -c "import numpy as np; y = np.arange(1, 1001) ** 1.5; print(... as above)"
test('agrees with numpy on a thousand values in any order', () => {
  const values = Array.from({ length: 1000 }, (_, index) => ((index * 617) % 1000) + 1).map((value) => value ** 1.5);
  expect(described(values)).toMatchObject({
    n: 1000,
    mean: expect.closeTo(12664.92595633625, 8),
    stdev: expect.closeTo(9496.846350822545, 8),
    p1: expect.closeTo(36.43427173298714, 8),
    p50: expect.closeTo(11197.118779792123, 8),
    p90: expect.closeTo(27004.501249768615, 8),
    p95: expect.closeTo(29283.278777577398, 8),
    p99: expect.closeTo(31150.09487379794, 8),
  });
});

test.each(REFERENCE.distributions)('percentiles are those of numpy: type 7', ({ values, mean, stdev, percentiles }) => {
  const near = (percent: number) => expect.closeTo(percentiles[percent] ?? Number.NaN, 12);
  expect(described(values)).toEqual({
    n: values.length,
    mean: expect.closeTo(mean, 12),
    stdev: expect.closeTo(stdev, 12),
    ...{ min: near(0), p1: near(1), p50: near(50), p90: near(90), p95: near(95), p99: near(99), max: near(100) },
  });
});

test('one value has no spread', () => {
  expect(described([2.5])).toMatchObject({ n: 1, mean: 2.5, stdev: null, min: 2.5, p1: 2.5, p99: 2.5, max: 2.5 });
});

test.each([
  { values: [], problem: 'no value' },
  { values: [1, Number.NaN, 3], problem: 'value 2 of 3 is NaN' },
  { values: [Number.POSITIVE_INFINITY], problem: 'value 1 of 1 is Infinity' },
  { values: [1e308, 1e308, 1e308], problem: 'too large to add up' },
])('$problem is said, not left out', ({ values, problem }) => {
  expect(describe(values)).toEqual({ problem });
});

test('agrees with a naive reference on any numbers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 60 }),
      (values) => {
        const found = described(values);
        const sorted = [...values].sort((a, b) => a - b);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(found.n).toBe(values.length);
        expect(found.mean).toBeCloseTo(mean, 6);
        expect(found.min).toBe(sorted[0]);
        expect(found.max).toBe(sorted.at(-1));
        for (const [key, percent] of [
          ['p1', 1],
          ['p50', 50],
          ['p90', 90],
          ['p95', 95],
          ['p99', 99],
        ] as const) {
          expect(found[key]).toBeCloseTo(naivePercentile(sorted, percent), 6);
        }
        const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        if (values.length === 1) expect(found.stdev).toBeNull();
        else expect(found.stdev).toBeCloseTo(Math.sqrt(squares / (values.length - 1)), 4);
      },
    ),
  );
});

test('does not depend on the order, and does not change what it is given', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
      const before = [...values];
      expect(describe(values)).toEqual(describe([...values].reverse()));
      expect(values).toEqual(before);
    }),
  );
});

/** Hyndman & Fan's type 7, written out: a weighted mean of the two neighbours of rank 1 + (n - 1) p. */
function naivePercentile(sorted: readonly number[], percent: number): number {
  const rank = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  const weight = rank - Math.floor(rank);
  return below * (1 - weight) + above * weight;
}

function described(values: readonly number[]) {
  const result = describe(values);
  if (isNotDescribable(result)) throw new Error(result.problem);
  return result;
}
