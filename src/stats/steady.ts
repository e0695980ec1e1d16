/**
 * Whether the output throughputs of an engine start's repeats vary so little that no other is needed: there are at
 * least `least`, and standard deviation (n - 1) / mean is at most `cv`. The driver decides so while the engine
 * lives (src/drivers/steady.py).
 */
export function isSteady(throughputs: readonly number[], least: number, cv: number): boolean {
  const found = throughputs.length < least ? null : variation(throughputs);
  return found !== null && found <= cv;
}

/**
 * Coefficient of variation; null for fewer than two values or a mean that is not above 0. Sorted first and then added
 * up one by one: the driver does the same, and gets the same last bit whatever the order of the repeats was.
 */
export function variation(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const mean = added(sorted) / sorted.length;
  if (sorted.length < 2 || !(mean > 0)) return null;
  const squares = sorted.map((value) => (value - mean) * (value - mean));
  return Math.sqrt(added(squares) / (sorted.length - 1)) / mean;
}

function added(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
