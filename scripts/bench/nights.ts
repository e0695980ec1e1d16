import type { Task } from '../../src/plan/schedule.ts';

export const DEVICES = 8;
const TENSOR_PARALLEL_SIZES = [1, 2, 4, 8];

/** Fractions in [0, 1), always the same ones for a seed. */
export type Random = () => number;

/** The minimal standard generator (S. K. Park, K. W. Miller, CACM 31, 1988) with its later multiplier. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Of a normal distribution of its logarithm (Box and Muller). */
function logNormal(random: Random, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(random() || 1e-12)) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/**
 * A night on a host of 8 GPUs: each launch has a TP size, an engine start of minutes (median 3), and 4 to 24 points
 * (median 1.5 minutes each, the longest many times that).
 */
export function night(random: Random, launches: number): Task[] {
  return Array.from({ length: launches }, (_, index) => {
    const devices = TENSOR_PARALLEL_SIZES[between(random, 0, TENSOR_PARALLEL_SIZES.length - 1)] ?? 1;
    const points = Array.from({ length: between(random, 4, 24) }, () => logNormal(random, 90, 0.8));
    const seconds = points.reduce((sum, point) => sum + point, logNormal(random, 180, 0.4));
    return { id: `launch-${index}`, devices, seconds, exclusive: false };
  });
}

/** What one would expect of these tasks who is wrong by a factor of up to `most`, to either side. */
export function misjudged(random: Random, tasks: readonly Task[], most: number): Task[] {
  return tasks.map((task) => ({ ...task, seconds: task.seconds * most ** (2 * random() - 1) }));
}
