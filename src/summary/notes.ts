import { REQUEST_METRICS } from '../schema/metrics.ts';
import { type Job, leastRepeats } from '../schema/plan.ts';
import type { Aggregate, Reason, Sample } from '../schema/record.ts';
import { drift } from '../stats/drift.ts';
import { toHalve } from '../stats/median-interval.ts';
import { byStart } from '../stats/placed.ts';
import { isSteady, variation } from '../stats/steady.ts';
import { hardwareNotes } from './hardware-notes.ts';
import { placed, validOf } from './results.ts';

/** With fewer values the 99th percentile lies between the two largest of them. */
const FEW_REQUESTS = 100;
const LARGE_DRIFT = 0.05;
const WIDE_INTERVAL = 0.05;

/**
 * What to know about the figures of a valid job. Drift, steadiness and interval are those of its output throughput.
 * `deviceType` is what its engine tells: `cuda`, `cpu`, ...
 */
export function notesOf(
  job: Pick<Job, 'repeats' | 'until'>,
  samples: readonly Sample[],
  results: Readonly<Record<string, Aggregate>>,
  deviceType: string | null = null,
): Reason[] {
  const valid = validOf(samples);
  return [
    ...note('few-requests', fewRequests(valid)),
    ...note('drift', largeDrift(valid)),
    ...note('not-steady', notSteady(job, valid)),
    ...note('wide-interval', wideInterval(results['output_throughput_tps'])),
    ...hardwareNotes(valid, deviceType),
  ];
}

function note(code: string, message: string | null): Reason[] {
  return message === null ? [] : [{ code, message }];
}

function fewRequests(samples: readonly Sample[]): string | null {
  const counts = samples.flatMap(({ latency }) => REQUEST_METRICS.flatMap((metric) => latency[metric]?.n ?? []));
  const least = counts.reduce((smallest, n) => Math.min(smallest, n), Number.POSITIVE_INFINITY);
  if (least >= FEW_REQUESTS) return null;
  return least === 1
    ? 'P99 and P1 of 1 request are that request'
    : `P99 of ${least} requests is nearly their maximum, P1 nearly their minimum`;
}

function largeDrift(samples: readonly Sample[]): string | null {
  const found = drift(throughputsOf(samples));
  if (found === null || Math.abs(found.share) <= LARGE_DRIFT || Math.abs(found.share) <= found.noise) return null;
  const change = `${found.share < 0 ? 'falls' : 'rises'} by ${percent(Math.abs(found.share))}`;
  const noise = `its scatter explains no more than ${percent(found.noise)}`;
  return `output throughput ${change} from the first to the last repeat of an engine process, and ${noise}`;
}

function notSteady(job: Pick<Job, 'repeats' | 'until'>, samples: readonly Sample[]): string | null {
  const { until } = job;
  if (until === null) return null;
  const starts = byStart(throughputsOf(samples));
  const unsteady = starts.flatMap((repeats) => {
    const values = repeats.map(({ value }) => value);
    const cv = variation(values);
    const least = leastRepeats(job);
    // Fewer than the least: it was interrupted, which the record says.
    if (cv === null || values.length < least || isSteady(values, least, until.cv)) return [];
    const where = starts.length === 1 ? '' : `start ${repeats[0]?.start}: `;
    return [`${where}CV ${decimals(cv)} after ${values.length} repeats`];
  });
  return unsteady.length === 0 ? null : `${unsteady.join('; ')}; asked for ${until.cv}`;
}

function wideInterval(throughput: Aggregate | undefined): string | null {
  if (throughput === undefined || throughput.ci95 === null || throughput.value === 0) return null;
  const { ci95, value, starts, n } = throughput;
  const half = (ci95.high - ci95.low) / 2 / Math.abs(value);
  if (half <= WIDE_INTERVAL) return null;
  const units = ci95.over === 'starts' ? starts : n;
  const more = toHalve(units);
  const unit = ci95.over === 'starts' ? 'engine start' : 'repeat';
  const known = `output throughput is known to ±${percent(half)} only, from ${units} ${unit}s`;
  return `${known}; ${more} more ${more === 1 ? unit : `${unit}s`} would about halve that`;
}

function throughputsOf(samples: readonly Sample[]) {
  return placed(samples, ({ values }) => values.output_throughput_tps);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** Two digits that count: 0.08, 0.0031. */
function decimals(value: number): string {
  return String(Number(value.toPrecision(2)));
}
