import { mean, quantileSorted, sampleStandardDeviation } from 'simple-statistics';
import type { Distribution } from '../schema/record.ts';

/** Why numbers have no distribution or mean. */
export interface NotDescribable {
  readonly problem: string;
}

/**
 * Spread of a metric over requests. Nothing is left out silently: a value that is no finite number, and there is none.
 *
 * Percentiles interpolate linearly between order statistics: type 7 of Hyndman & Fan, "Sample Quantiles in Statistical
 * Packages", The American Statistician 50 (1996), the default of numpy.percentile and R. Standard deviation with n - 1.
 */
export function describe(values: readonly number[]): Distribution | NotDescribable {
  const problem = problemWith(values);
  if (problem !== null) return { problem };
  const sorted = values.toSorted((a, b) => a - b);
  const distribution = {
    n: sorted.length,
    mean: mean(sorted),
    stdev: sorted.length < 2 ? null : sampleStandardDeviation(sorted),
    min: quantileSorted(sorted, 0),
    p1: quantileSorted(sorted, 0.01),
    p50: quantileSorted(sorted, 0.5),
    p90: quantileSorted(sorted, 0.9),
    p95: quantileSorted(sorted, 0.95),
    p99: quantileSorted(sorted, 0.99),
    max: quantileSorted(sorted, 1),
  };
  return allFinite(distribution) ? distribution : { problem: 'too large to add up' };
}

/** Narrows what `describe` and `aggregate` return. */
export function isNotDescribable(result: object): result is NotDescribable {
  return 'problem' in result;
}

/** What keeps numbers from being described; null when nothing does. */
export function problemWith(values: readonly number[]): string | null {
  if (values.length === 0) return 'no value';
  const odd = values.findIndex((value) => !Number.isFinite(value));
  return odd === -1 ? null : `value ${odd + 1} of ${values.length} is ${values[odd]}`;
}

/** False when a sum or a square of finite numbers was too large for a double. */
export function allFinite(numbers: object): boolean {
  return Object.values(numbers).every((value) => value === null || Number.isFinite(value));
}
