import { gammaln, mean, sampleStandardDeviation } from 'simple-statistics';
import { problemWith } from './describe.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Two-sided confidence interval of the mean of independent values: mean +- t((1 + level) / 2; n - 1) * s / sqrt(n).
 * Source: NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.5.2. Null for fewer than two values, which have
 * no spread, and for values that are no finite numbers.
 */
export function confidenceInterval(values: readonly number[], level = 0.95): Interval | null {
  if (values.length < 2 || problemWith(values) !== null) return null;
  const numbers = [...values];
  const middle = mean(numbers);
  const half =
    (tQuantile((1 + level) / 2, numbers.length - 1) * sampleStandardDeviation(numbers)) / Math.sqrt(numbers.length);
  return { low: middle - half, high: middle + half };
}

/** The t with P(T <= t) = probability, for Student's distribution with `df` degrees of freedom; 0 < probability < 1. */
export function tQuantile(probability: number, df: number): number {
  if (probability < 0.5) return -tQuantile(1 - probability, df);
  const key = `${probability}/${df}`;
  const found = FOUND.get(key) ?? bisected(probability, df);
  FOUND.set(key, found);
  return found;
}

/** A report asks for the same few quantiles once a metric and point. */
const FOUND = new Map<string, number>();

function bisected(probability: number, df: number): number {
  let low = 0;
  let high = 1;
  while (tProbability(high, df) < probability && high < Number.MAX_VALUE / 2) [low, high] = [high, high * 2];
  // Bisection ends when no double lies between; the probability is monotone in t, so it cannot miss.
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (tProbability(middle, df) < probability) low = middle;
    else high = middle;
  }
  return low;
}

/** P(T <= t) for t >= 0: 1 - I_x(df/2, 1/2) / 2 with x = df / (df + t^2). Abramowitz & Stegun 26.7.1 and 26.5.27. */
export function tProbability(t: number, df: number): number {
  return 1 - betaRatio(df / (df + t * t), df / 2, 0.5) / 2;
}

/**
 * The regularized incomplete beta function I_x(a, b) by Lentz's method on its continued fraction.
 * Source: Numerical Recipes, 3rd edition, section 6.4; DLMF 8.17.22.
 */
function betaRatio(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  // The fraction converges fast only on this side of the mean; the other side by symmetry (DLMF 8.17.4).
  if (x > (a + 1) / (a + b + 2)) return 1 - betaRatio(1 - x, b, a);
  const front = Math.exp(gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * fraction;
}
