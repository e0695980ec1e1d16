import type { ConfidenceInterval, JobRecord } from '../src/schema/record.ts';

/** Engine starts that the valid samples of a record are of. */
export function startsOf({ samples }: JobRecord): number {
  return new Set(samples.filter(({ invalid }) => invalid.length === 0).map(({ start }) => start)).size;
}

/** The interval of the figure that a point is first judged by; null without one, or when the record is not valid. */
export function intervalOf({ state, results }: JobRecord): ConfidenceInterval | null {
  return state === 'valid' ? (results['output_throughput_tps']?.ci95 ?? null) : null;
}
