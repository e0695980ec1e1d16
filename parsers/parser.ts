import type { Line, Lines } from '../src/schema/evidence.ts';

/** Both streams of one attempt. */
export interface Streams {
  readonly stdout: Lines;
  readonly stderr: Lines;
}

/**
 * A parser reads evidence and returns a value, whatever the evidence is: it never throws.
 * The three kinds differ in what they are given.
 */
export type Parser =
  | { readonly id: string; readonly reads: 'streams'; readonly parse: (streams: Streams) => unknown }
  | { readonly id: string; readonly reads: 'line'; readonly parse: (line: Line) => unknown }
  | { readonly id: string; readonly reads: 'text'; readonly parse: (text: string) => unknown };

/** A value, and the line (1-based) that it was read from. */
export interface Found<T> {
  readonly value: T;
  readonly line: number;
}

/** Not there, or not usable: why, and the line that says so when one does. */
export interface Absent {
  readonly value: null;
  readonly line: number | null;
  readonly why: string;
}

export type Reading<T> = Found<T> | Absent;

/** A file or line that is not what it should be. */
export interface Unreadable {
  readonly unreadable: string;
}

/** Narrows what a parser returned. */
export function isUnreadable(value: object | null): value is Unreadable {
  return value !== null && 'unreadable' in value;
}
