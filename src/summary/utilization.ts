import { boundOf, type Utilization, utilizationOf } from '../physics/bounds.ts';
import type { Routing } from '../physics/memory-traffic.ts';
import { isNoBound, type NoBound, type PointInput } from '../physics/point.ts';
import type { Bound, Sample } from '../schema/record.ts';
import type { Asked, Measured } from './check.ts';

/** MBU and MFU of a sample, and why either is null. */
export interface UtilizationValues {
  readonly values: Pick<Sample['values'], 'mbu' | 'mfu'>;
  readonly missing: Readonly<Record<string, string>>;
}

/**
 * The shares of memory bandwidth and of arithmetic that a measurement used. Of a mixture of experts the MBU supposes
 * even routing; a measurement that is faster than that allows, and possible all the same, has none.
 */
export function utilization(asked: Asked, measured: Measured): UtilizationValues {
  const used = shares(asked, measured, 'expected');
  if (isNoBound(used)) return { values: { mbu: null, mfu: null }, missing: { mbu: used.unknown, mfu: used.unknown } };
  const fewest = shares(asked, measured, 'fewest');
  if (used.mbu <= 1 || isNoBound(fewest) || fewest.mbu > 1) return { values: used, missing: {} };
  return { values: { ...used, mbu: null }, missing: { mbu: UNEVEN } };
}

const UNEVEN = 'its tokens met fewer experts than even routing supposes: how many bytes were read is not known';

/** The shares as they are, or what is not known. */
export function shares(asked: Asked, measured: Measured, routing: Routing): Utilization | NoBound {
  const { requests, prompt_tokens, output_tokens, cached_tokens, elapsed_s, columns } = measured;
  const cached_each = columns?.cached_tokens ?? null;
  const run = { requests, prompt_tokens, output_tokens, cached_tokens, cached_each, elapsed_s };
  return utilizationOf({ ...asked, report: measured.engine }, run, routing);
}

/** The limits of a job; null when the device or the model is not known. */
export function boundOrNull(point: PointInput): Bound | null {
  const bound = boundOf(point);
  return isNoBound(bound) ? null : bound;
}
