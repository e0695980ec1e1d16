import type { RequestColumns } from '../schema/driver-protocol.ts';
import { REQUEST_METRICS, type RequestMetricId } from '../schema/metrics.ts';
import type { Distribution } from '../schema/record.ts';
import { describe, isNotDescribable } from '../stats/describe.ts';

export interface RequestMetrics {
  readonly latency: { readonly [metric in RequestMetricId]: Distribution | null };
  /** Metric -> why it is null. */
  readonly missing: Readonly<Record<string, string>>;
}

/** Times of one request; `*_ts` are seconds on the engine's monotonic clock, null when that event was not seen. */
interface RequestTimes {
  readonly output_tokens: number;
  readonly queued_ts: number | null;
  readonly scheduled_ts: number | null;
  readonly first_token_ts: number | null;
  readonly last_token_ts: number | null;
  readonly first_token_latency_s: number | null;
}

/**
 * The distribution of each per-request metric. A metric that one request has no value of is null: over the others it
 * would be the distribution of something else.
 */
export function requestMetrics(columns: RequestColumns): RequestMetrics {
  const requests = rowsOf(columns);
  const missing: Record<string, string> = {};
  const over = (metric: RequestMetricId): Distribution | null => {
    const values = requests.map(FORMULAS[metric]);
    const known = values.filter((value) => typeof value === 'number');
    const distribution = known.length === values.length ? describe(known) : { problem: whyMissing(values) };
    if (!isNotDescribable(distribution)) return distribution;
    missing[metric] = distribution.problem;
    return null;
  };
  const latency = {
    ttft_s: over('ttft_s'),
    ttft_frontend_s: over('ttft_frontend_s'),
    queue_s: over('queue_s'),
    prefill_s: over('prefill_s'),
    decode_s: over('decode_s'),
    e2e_s: over('e2e_s'),
    tpot_s: over('tpot_s'),
    tpot_tokens_per_s: over('tpot_tokens_per_s'),
  };
  return { latency, missing };
}

/** Every metric null for one reason. */
export function withoutRequestMetrics(reason: string): RequestMetrics {
  const latency = {
    ttft_s: null,
    ttft_frontend_s: null,
    queue_s: null,
    prefill_s: null,
    decode_s: null,
    e2e_s: null,
    tpot_s: null,
    tpot_tokens_per_s: null,
  };
  return { latency, missing: Object.fromEntries(REQUEST_METRICS.map((metric) => [metric, reason])) };
}

/**
 * The value of one request, or why it has none.
 *
 * Sources: vLLM's own IterationStats.update_from_finished_request (vllm/v1/metrics/stats.py, 0.13.0 and 0.32.0) for
 * queue, prefill and decode; the source document for TPOT in tokens per second. The clocks are never mixed: arrival
 * times are wall clock and stand in no formula; `first_token_latency` is a difference that the front end took itself.
 */
const FORMULAS: { readonly [metric in RequestMetricId]: (request: RequestTimes) => number | string } = {
  ttft_s: (request) => between(request, 'queued_ts', 'first_token_ts'),
  ttft_frontend_s: (request) => request.first_token_latency_s ?? 'has no first_token_latency',
  queue_s: (request) => between(request, 'queued_ts', 'scheduled_ts'),
  prefill_s: (request) => between(request, 'scheduled_ts', 'first_token_ts'),
  decode_s: (request) => between(request, 'first_token_ts', 'last_token_ts'),
  e2e_s: (request) => between(request, 'queued_ts', 'last_token_ts'),
  tpot_s: (request) => {
    if (request.output_tokens < 2) return 'has fewer than 2 output tokens';
    const decode = between(request, 'first_token_ts', 'last_token_ts');
    return typeof decode === 'string' ? decode : decode / (request.output_tokens - 1);
  },
  tpot_tokens_per_s: (request) => {
    const seconds = FORMULAS.tpot_s(request);
    if (seconds === 0) return 'has its first and last token at one timestamp: no rate can be told';
    return typeof seconds === 'string' ? seconds : 1 / seconds;
  },
};

type Timestamp = 'queued_ts' | 'scheduled_ts' | 'first_token_ts' | 'last_token_ts';

function between(request: RequestTimes, from: Timestamp, to: Timestamp): number | string {
  const start = request[from];
  const end = request[to];
  if (start === null || end === null) return `has no ${start === null ? from : to}`;
  return end < start ? `has its ${to} before its ${from}` : end - start;
}

function whyMissing(values: readonly (number | string)[]): string {
  const reasons = values.filter((value) => typeof value === 'string');
  const first = reasons[0] ?? '';
  const same = reasons.filter((reason) => reason === first).length;
  const who = same === values.length ? 'every request' : `${same} of ${values.length} requests:`;
  return same === reasons.length
    ? `${who} ${first}`
    : `${who} ${first}; ${reasons.length - same} more for other reasons`;
}

function rowsOf(columns: RequestColumns): RequestTimes[] {
  return columns.output_tokens.map((output_tokens, row) => ({
    output_tokens,
    queued_ts: seen(columns.queued_ts[row]),
    scheduled_ts: seen(columns.scheduled_ts[row]),
    first_token_ts: seen(columns.first_token_ts[row]),
    last_token_ts: seen(columns.last_token_ts[row]),
    first_token_latency_s: seen(columns.first_token_latency_s[row]),
  }));
}

/** vLLM starts every timestamp at 0.0: that means that the event was not seen. */
function seen(value: number | null | undefined): number | null {
  return value === undefined || value === 0 ? null : value;
}
