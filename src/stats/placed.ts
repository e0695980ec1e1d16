/** A value of a metric, and the measurement that it is of. */
export interface Placed {
  /** Engine start. */
  readonly start: number;
  /** Number of the repeat in it: its place in time, though one may be missing. */
  readonly repeat: number;
  readonly value: number;
}

/** The values of each engine start, in the order of its repeats. */
export function byStart(values: readonly Placed[]): Placed[][] {
  const starts = new Map<number, Placed[]>();
  for (const one of values.toSorted((a, b) => a.start - b.start || a.repeat - b.repeat)) {
    const before = starts.get(one.start);
    if (before === undefined) starts.set(one.start, [one]);
    else before.push(one);
  }
  return [...starts.values()];
}
