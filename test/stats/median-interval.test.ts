import { expect, test } from 'vitest';
import { medianError, medianInterval, toHalve } from '../../src/stats/median-interval.ts';
import { REFERENCE } from './reference.ts';

const errors = Object.entries(REFERENCE.median_errors).map(([n, error]) => ({ n: Number(n), error }));

test.each(errors.filter(({ n }) => n <= 20))('standard error of the median of $n normal values', ({ n, error }) => {
  expect(medianError(n)).toBeCloseTo(error, 9);
});

test.each(errors.filter(({ n }) => n > 20))('near enough for $n', ({ n, error }) => {
  expect(Math.abs(medianError(n) / error - 1)).toBeLessThan(0.02);
});

test('2 values: the t interval of their mean, which is their median', () => {
  // 3 +- 12.706204736 * sqrt(2) / sqrt(2)
  expect(medianInterval([2, 4])).toEqual({
    low: expect.closeTo(-9.706204736, 8),
    high: expect.closeTo(15.706204736, 8),
  });
});

test('is around the median and not the mean', () => {
  const { low, high } = medianInterval([1, 2, 30]) ?? { low: Number.NaN, high: Number.NaN };
  expect((low + high) / 2).toBeCloseTo(2, 9);
});

test('equal values have one of no width; one value has none', () => {
  expect(medianInterval([4, 4, 4])).toEqual({ low: 4, high: 4 });
  expect(medianInterval([4])).toBeNull();
  expect(medianInterval([])).toBeNull();
});

// Half widths for a standard deviation of 1, t(0.975; n - 1) times the standard error: 8.98 for 2 values, 2.88 for 3,
// 1.74 for 4, 1.49 for 5, 1.19 for 6; 0.84 for 10.
test.each([
  { n: 2, more: 1 },
  { n: 3, more: 3 },
])('$n values need $more more for half the width', ({ n, more }) => {
  expect(toHalve(n)).toBe(more);
});

test('many values need about three times as many more', () => {
  expect(toHalve(100) / 100).toBeGreaterThan(2.8);
  expect(toHalve(100) / 100).toBeLessThan(3.1);
});
