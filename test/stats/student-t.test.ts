import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confidenceInterval, tProbability, tQuantile } from '../../src/stats/student-t.ts';
import { REFERENCE } from './reference.ts';

// NIST/SEMATECH e-Handbook 1.3.6.7.2 (three decimals) and, to nine digits, tables of Student's t.
test.each([
  { probability: 0.975, df: 1, t: 12.706204736 },
  { probability: 0.975, df: 2, t: 4.30265273 },
  { probability: 0.975, df: 4, t: 2.776445105 },
  { probability: 0.975, df: 9, t: 2.262157163 },
  { probability: 0.975, df: 29, t: 2.045229642 },
  { probability: 0.995, df: 4, t: 4.604094871 },
  { probability: 0.95, df: 10, t: 1.812461123 },
  { probability: 0.9, df: 3, t: 1.637744354 },
  // With many degrees of freedom it is the normal distribution's 1.959964, slightly wider.
  { probability: 0.975, df: 1_000_000, t: 1.959966357 },
])('t($probability; $df) = $t', ({ probability, df, t }) => {
  expect(tQuantile(probability, df)).toBeCloseTo(t, 8);
});

test.each(REFERENCE.t_quantiles)('t($probability; $df) as scipy.stats.t.ppf has it', ({ probability, df, t }) => {
  expectRatio(tQuantile(probability, df), t);
});

test('has the closed forms of one and two degrees of freedom', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (probability) => {
      expectRatio(tQuantile(probability, 1), Math.tan(Math.PI * (probability - 0.5)));
      const two = (2 * probability - 1) / Math.sqrt(2 * probability * (1 - probability));
      expectRatio(tQuantile(probability, 2), two);
    }),
  );
});

test('quantile and probability undo each other, and the distribution is symmetric', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 0.9999, noNaN: true }),
      fc.integer({ min: 1, max: 500 }),
      (probability, df) => {
        const t = tQuantile(probability, df);
        expect(tProbability(t, df)).toBeCloseTo(probability, 10);
        expectRatio(tQuantile(1 - probability, df), -t);
      },
    ),
  );
});

// python -c "import numpy as np; x = [9.8, 10.2, 10.4, 9.9, 10.0]; m, s = np.mean(x), np.std(x, ddof=1)
// h = 2.7764451051977987 * s / 5 ** .5; print(m - h, m + h)"
test('the interval of a mean', () => {
  const interval = confidenceInterval([9.8, 10.2, 10.4, 9.9, 10.0]);
  expect(interval).toEqual({ low: expect.closeTo(9.760967710610958, 9), high: expect.closeTo(10.35903228938904, 9) });
});

test('equal values have an interval of no width; one value has none', () => {
  expect(confidenceInterval([4, 4, 4])).toEqual({ low: 4, high: 4 });
  expect(confidenceInterval([4])).toBeNull();
  expect(confidenceInterval([])).toBeNull();
  expect(confidenceInterval([4, Number.NaN])).toBeNull();
});

test('the interval holds the true mean about as often as it says', () => {
  let seed = 7;
  const uniform = (): number => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const rounds = 4000;
  let held = 0;
  for (let round = 0; round < rounds; round += 1) {
    const interval = confidenceInterval([normal(), normal(), normal(), normal(), normal()]);
    if (interval !== null && interval.low <= 0 && interval.high >= 0) held += 1;
  }
  // Four standard errors of a share of 0.95 over 4000 rounds.
  expect(Math.abs(held / rounds - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / rounds));
});

function expectRatio(found: number, expected: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}
