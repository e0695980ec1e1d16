import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffSeconds } from '../../src/run/backoff.ts';

test('the first retry comes after the delay, each further one after twice the time', () => {
  expect([1, 2, 3, 4].map((retry) => backoffSeconds(10, retry, 0))).toEqual([10, 20, 40, 80]);
});

test('chance adds up to a quarter', () => {
  expect(backoffSeconds(10, 1, 0.5)).toBe(11.25);
  expect(backoffSeconds(10, 2, 0.999)).toBeCloseTo(25, 1);
});

test('a pause is never shorter than the delay up to an hour, never longer than an hour and a quarter', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 7200, noNaN: true }),
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (base, retry, chance) => {
        const seconds = backoffSeconds(base, retry, chance);
        expect(seconds).toBeGreaterThanOrEqual(Math.min(base, 3600));
        expect(seconds).toBeLessThanOrEqual(4500);
      },
    ),
  );
});
