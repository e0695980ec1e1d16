import { mean, median } from 'simple-statistics';
import { byProcess, type Placed } from './placed.ts';
import { tQuantile } from './student-t.ts';

/** How much a metric changes from the first to the last repeat of an engine process, as a share of its median. */
export interface Drift {
  /** -0.05: five percent less in the end. */
  readonly share: number;
  /** What values without any trend would reach in 95 of 100 cases, by how these scatter around their lines. */
  readonly noise: number;
}

/** A line through two points has no scatter. */
const LEAST_REPEATS = 3;

/**
 * A line by least squares through the values of each engine process over their repeats; `share` is its slope times the
 * repeats from first to last over the median of the process, the mean over processes. `noise` is the t test of this mean:
 * t(0.975; df) times its standard error, with the residuals of all lines pooled, df = sum of (repeats - 2).
 * Source: Draper & Smith, Applied Regression Analysis, 3rd edition, chapter 1. For one start it is the test of
 * scipy.stats.linregress. Processes of fewer than 3 repeats, or with a median of 0, are left out; null when none is left.
 */
export function drift(values: readonly Placed[]): Drift | null {
  const lines = byProcess(values).flatMap((start) => lineOf(start) ?? []);
  if (lines.length === 0) return null;
  const freedom = total(lines.map(({ count }) => count - 2));
  const scatter = Math.sqrt(total(lines.map(({ residual }) => residual)) / freedom);
  const error = (scatter * Math.sqrt(total(lines.map(({ variance }) => variance)))) / lines.length;
  return { share: mean(lines.map(({ change }) => change)), noise: tQuantile(0.975, freedom) * error };
}

interface Line {
  readonly count: number;
  /** Slope times span, as a share of the median. */
  readonly change: number;
  /** Sum of squared residuals, in shares of the median. */
  readonly residual: number;
  /** Variance of `change` for values that scatter with a variance of 1. */
  readonly variance: number;
}

function lineOf(start: readonly Placed[]): Line | null {
  const middle = median(start.map(({ value }) => value));
  if (start.length < LEAST_REPEATS || middle === 0) return null;
  const x = start.map(({ repeat }) => repeat);
  const y = start.map(({ value }) => value / middle);
  const [meanX, meanY] = [mean(x), mean(y)];
  const squares = total(x.map((at) => (at - meanX) ** 2));
  const slope = total(x.map((at, i) => (at - meanX) * ((y[i] ?? 0) - meanY))) / squares;
  const span = Math.max(...x) - Math.min(...x);
  return {
    count: x.length,
    change: slope * span,
    residual: total(x.map((at, i) => ((y[i] ?? 0) - meanY - slope * (at - meanX)) ** 2)),
    variance: span ** 2 / squares,
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
