import { max, mean, min, sampleStandardDeviation } from 'simple-statistics';
import type { Aggregate } from '../schema/record.ts';
import { allFinite, type NotDescribable, problemWith } from './describe.ts';

/** One number over the samples of a job: their mean, with the sample standard deviation (n - 1) over samples. */
export function aggregate(values: readonly number[]): Aggregate | NotDescribable {
  const problem = problemWith(values);
  if (problem !== null) return { problem };
  const numbers = [...values];
  const result = {
    value: mean(numbers),
    n: numbers.length,
    starts: 1,
    ci95: null,
    cv: null,
    drift: null,
    stdev: numbers.length < 2 ? null : sampleStandardDeviation(numbers),
    min: min(numbers),
    max: max(numbers),
  };
  return allFinite(result) ? result : { problem: 'too large to add up' };
}
