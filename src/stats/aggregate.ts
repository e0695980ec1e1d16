import { max, mean, median, min, sampleStandardDeviation } from 'simple-statistics';
import type { Aggregate, ConfidenceInterval } from '../schema/record.ts';
import { allFinite, type NotDescribable, problemWith } from './describe.ts';
import { drift } from './drift.ts';
import { medianInterval } from './median-interval.ts';
import { byProcess, type Placed } from './placed.ts';

/**
 * One number over the samples of a job. Repeats of one engine process resemble each other more than those of two, so the
 * processes are the units: each counts by its median, and the interval is over these medians. With one process its
 * repeats are the units, and nothing is known of how processes differ. docs/statistics.md has the formulas.
 */
export function aggregate(values: readonly Placed[]): Aggregate | NotDescribable {
  const starts = byProcess(values).map((start) => start.map(({ value }) => value));
  // In one order, whatever that of the samples was: sums of rounded numbers depend on it in their last bit.
  const numbers = starts.flat();
  const problem = problemWith(numbers);
  if (problem !== null) return { problem };
  const medians = starts.map((start) => median(start));
  const over: ConfidenceInterval['over'] = medians.length > 1 ? 'starts' : 'repeats';
  const interval = medianInterval(over === 'starts' ? medians : numbers);
  const stdev = numbers.length < 2 ? null : sampleStandardDeviation(numbers);
  const middle = mean(numbers);
  const result = {
    value: median(medians),
    n: numbers.length,
    starts: starts.length,
    stdev,
    cv: stdev === null || middle === 0 ? null : stdev / middle,
    drift: drift(values)?.share ?? null,
    min: min(numbers),
    max: max(numbers),
  };
  if (!allFinite(result) || !allFinite(interval ?? {})) return { problem: 'too large to add up' };
  return { ...result, ci95: interval === null ? null : { ...interval, over } };
}
