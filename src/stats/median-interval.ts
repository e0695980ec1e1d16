import { median, sampleStandardDeviation } from 'simple-statistics';
import { type Interval, tQuantile } from './student-t.ts';

/**
 * Interval that contains the median of the population in 95 of 100 cases:
 * median +- t(0.975; n - 1) * s * (standard error of the median of n standard normal values).
 *
 * Student's t is exact for 2 values. For more, the median hangs together with s, and the interval contains the median
 * of normal values in 95 to 96.3 of 100 cases: a little too often (simulated in test/stats). Intervals by order
 * statistics need no normal values, but do not reach 95 % below 6 of them (David & Nagaraja, section 7.1).
 * Null for fewer than two values.
 */
export function medianInterval(values: readonly number[]): Interval | null {
  if (values.length < 2) return null;
  const numbers = [...values];
  const middle = median(numbers);
  const half = halfWidth(numbers.length) * sampleStandardDeviation(numbers);
  return { low: middle - half, high: middle + half };
}

/** Values to add so that the interval is at most half as wide, if they scatter as the n that are there. */
export function toHalve(n: number): number {
  let more = 1;
  while (halfWidth(n + more) > halfWidth(n) / 2) more += 1;
  return more;
}

/** Half the width of the interval for a standard deviation of 1. */
function halfWidth(n: number): number {
  return tQuantile(0.975, n - 1) * medianError(n);
}

/**
 * Standard error of the median of n standard normal values: integrals of the densities of the order statistics
 * (David & Nagaraja, Order Statistics, 3rd edition, 2003, chapter 2; tables: Teichroew, Annals of Mathematical
 * Statistics 27, 1956). Beyond the table its limit for large n, sqrt(pi / 2n), with n + 1/2: within 2 % there.
 */
export function medianError(n: number): number {
  return MEDIAN_ERRORS[n - 2] ?? Math.sqrt(Math.PI / (2 * n + 1));
}

/** For 2, 3, ... 20 values. */
const MEDIAN_ERRORS: readonly number[] = [
  Math.SQRT1_2,
  0.6698291607,
  0.5460765683,
  0.5355685405,
  0.4634033519,
  0.4587448763,
  0.410098592,
  0.4075552495,
  0.3719226208,
  0.3703544701,
  0.3428063405,
  0.3417586795,
  0.3196370391,
  0.3188959894,
  0.3006247016,
  0.3000776257,
  0.2846550721,
  0.2842375328,
  0.2709926709,
];
