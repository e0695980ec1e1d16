import { aggregate } from '../../src/stats/aggregate.ts';
import { isNotDescribable } from '../../src/stats/describe.ts';
import { confidenceInterval, type Interval } from '../../src/stats/student-t.ts';
import { placedAs } from './reference.ts';

/** How the repeats of a start lie around its own figure, 1 in the middle; their spread is a tenth. */
export const SHAPES = {
  normal: (z: number) => 1 + 0.1 * z,
  // Skewed to the right; the median is 1, the mean 1.005.
  lognormal: (z: number) => Math.exp(0.1 * z),
} as const;

export interface Population {
  readonly shape: keyof typeof SHAPES;
  readonly starts: number;
  readonly repeats: number;
  /** Standard deviation of a start's own figure: how much starts differ. */
  readonly between: number;
}

export interface Coverage {
  /** Share of intervals that contain the true median. */
  readonly held: number;
  readonly meanWidth: number;
  /** Mean width of the t interval of the mean of the same medians, in test/stats/student-t.test.ts. */
  readonly meanWidthOfMean: number;
}

/** Makes the interval of `rounds` sets of samples whose true median is 1. Deterministic. */
export function coverage({ shape, starts, repeats, between }: Population, rounds: number, seed = 1): Coverage {
  const normal = normals(seed);
  let held = 0;
  const widths = { ours: 0, mean: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const samples = Array.from({ length: starts }, () => {
      const own = starts === 1 ? 1 : Math.exp(between * normal());
      return Array.from({ length: repeats }, () => own * SHAPES[shape](normal()));
    });
    const ours = intervalOf(samples);
    const mean = confidenceInterval(starts === 1 ? samples.flat() : samples.map(middle)) ?? ours;
    if (ours.low <= 1 && ours.high >= 1) held += 1;
    widths.ours += ours.high - ours.low;
    widths.mean += mean.high - mean.low;
  }
  return { held: held / rounds, meanWidth: widths.ours / rounds, meanWidthOfMean: widths.mean / rounds };
}

function intervalOf(samples: readonly (readonly number[])[]): Interval {
  const found = aggregate(placedAs(samples));
  if (isNotDescribable(found) || found.ci95 === null) throw new Error('no interval');
  return found.ci95;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [below, above] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
  return ((sorted[below] ?? Number.NaN) + (sorted[above] ?? Number.NaN)) / 2;
}

/** Standard normal values: Box and Muller's method on Park and Miller's generator. */
export function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
