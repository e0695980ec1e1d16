/** One line of a file, with where it stands. */
export interface Line {
  readonly text: string;
  /** 1-based. */
  readonly number: number;
}

/** Lines one after the other, never all at once: a log may be larger than memory. */
export type Lines = Iterable<Line>;
