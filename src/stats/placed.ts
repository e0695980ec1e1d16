/** A value of a metric, and the measurement that it is of. */
export interface Placed {
  /** Engine start, as the plan numbers them. */
  readonly start: number;
  /** Attempt at that start: an engine process. A start that was interrupted, or asked for more later, has several. */
  readonly attempt: string;
  /** Number of the repeat in the start: its place in time, though one may be missing. */
  readonly repeat: number;
  readonly value: number;
}

/** The values of each engine process, in the order of its repeats; processes in the order of their starts. */
export function byProcess(values: readonly Placed[]): Placed[][] {
  return grouped(values, ({ start, attempt }) => `${start}/${attempt}`);
}

/** The values of each engine start of the plan, whatever the number of processes that it took. */
export function byStart(values: readonly Placed[]): Placed[][] {
  return grouped(values, ({ start }) => String(start));
}

function grouped(values: readonly Placed[], keyOf: (one: Placed) => string): Placed[][] {
  const inOrder = values.toSorted((a, b) => a.start - b.start || a.repeat - b.repeat);
  return [...Map.groupBy(inOrder, keyOf).values()];
}
