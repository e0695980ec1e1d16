import { readFileSync } from 'node:fs';
import type { Placed } from '../../src/stats/placed.ts';

/** What fixtures/statistics/reference.py computed with numpy and scipy. */
export interface Reference {
  readonly median_errors: Readonly<Record<string, number>>;
  readonly t_quantiles: readonly { readonly probability: number; readonly df: number; readonly t: number }[];
  readonly aggregates: Readonly<Record<string, ReferenceAggregate>>;
  readonly variations: readonly { readonly values: readonly number[]; readonly cv: number }[];
  readonly distributions: readonly {
    readonly values: readonly number[];
    readonly mean: number;
    readonly stdev: number;
    /** Percent -> numpy.percentile. */
    readonly percentiles: Readonly<Record<string, number>>;
  }[];
}

interface ReferenceAggregate {
  readonly values: readonly Omit<Placed, 'attempt'>[];
  readonly value: number;
  readonly n: number;
  readonly starts: number;
  readonly ci95: readonly [number, number] | null;
  readonly over: 'starts' | 'repeats';
  readonly stdev: number | null;
  readonly cv: number | null;
  readonly trend: { readonly share: number; readonly noise: number } | null;
  readonly min: number;
  readonly max: number;
}

export const REFERENCE = read('reference.json') as Reference;

export function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/statistics/${name}`, import.meta.url), 'utf8'));
}

/** Starts of one engine process each, with the values of its repeats. */
export function placedAs(starts: readonly (readonly number[])[]): Placed[] {
  return ofOneProcess(starts.flatMap((values, start) => values.map((value, repeat) => ({ start, repeat, value }))));
}

/** Every start was one engine process. */
export function ofOneProcess(values: readonly Omit<Placed, 'attempt'>[]): Placed[] {
  return values.map((one) => ({ ...one, attempt: `attempts/000${one.start + 1}_a` }));
}
