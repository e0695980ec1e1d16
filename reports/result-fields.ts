import type { RequestMetricId, SampleMetricId, Statistic } from '../src/schema/metrics.ts';
import type { JobRecord, Sample } from '../src/schema/record.ts';

/** A number of `results` in summary_report.json, and the metric of ours that it is. */
export type ResultField =
  | { readonly key: string; readonly sample: SampleMetricId }
  | { readonly key: string; readonly request: RequestMetricId; readonly of: Statistic };

/**
 * The names of the source document and ours beside them.
 *
 * TPOT has two meanings and both are here: `tpot_s` is the field's, seconds per output token after the first;
 * `*_tpot_tokens_per_s` is the source document's, output tokens per second of one request. Of the latter p99 is the
 * fast side, as the source means it, and p1 the slow one.
 */
export const RESULT_FIELDS = [
  { key: 'throughput_req_per_sec', sample: 'request_throughput_rps' },
  { key: 'throughput_total_tokens_per_sec', sample: 'total_throughput_tps' },
  { key: 'throughput_output_tokens_per_sec', sample: 'output_throughput_tps' },
  { key: 'avg_ttft_s', request: 'ttft_s', of: 'mean' },
  { key: 'p50_ttft_s', request: 'ttft_s', of: 'p50' },
  { key: 'p90_ttft_s', request: 'ttft_s', of: 'p90' },
  { key: 'p95_ttft_s', request: 'ttft_s', of: 'p95' },
  { key: 'p99_ttft_s', request: 'ttft_s', of: 'p99' },
  { key: 'avg_ttft_frontend_s', request: 'ttft_frontend_s', of: 'mean' },
  { key: 'p99_ttft_frontend_s', request: 'ttft_frontend_s', of: 'p99' },
  { key: 'avg_queue_s', request: 'queue_s', of: 'mean' },
  { key: 'p50_queue_s', request: 'queue_s', of: 'p50' },
  { key: 'p90_queue_s', request: 'queue_s', of: 'p90' },
  { key: 'p95_queue_s', request: 'queue_s', of: 'p95' },
  { key: 'p99_queue_s', request: 'queue_s', of: 'p99' },
  { key: 'avg_prefill_s', request: 'prefill_s', of: 'mean' },
  { key: 'p50_prefill_s', request: 'prefill_s', of: 'p50' },
  { key: 'p90_prefill_s', request: 'prefill_s', of: 'p90' },
  { key: 'p95_prefill_s', request: 'prefill_s', of: 'p95' },
  { key: 'p99_prefill_s', request: 'prefill_s', of: 'p99' },
  { key: 'avg_tpot_tokens_per_s', request: 'tpot_tokens_per_s', of: 'mean' },
  { key: 'p99_tpot_tokens_per_s', request: 'tpot_tokens_per_s', of: 'p99' },
  { key: 'p50_tpot_tokens_per_s', request: 'tpot_tokens_per_s', of: 'p50' },
  { key: 'p1_tpot_tokens_per_s', request: 'tpot_tokens_per_s', of: 'p1' },
  { key: 'tpot_s', request: 'tpot_s', of: 'mean' },
  { key: 'p50_tpot_s', request: 'tpot_s', of: 'p50' },
  { key: 'p90_tpot_s', request: 'tpot_s', of: 'p90' },
  { key: 'p95_tpot_s', request: 'tpot_s', of: 'p95' },
  { key: 'p99_tpot_s', request: 'tpot_s', of: 'p99' },
  { key: 'avg_decode_s', request: 'decode_s', of: 'mean' },
  { key: 'p99_decode_s', request: 'decode_s', of: 'p99' },
  { key: 'avg_e2e_s', request: 'e2e_s', of: 'mean' },
  { key: 'p50_e2e_s', request: 'e2e_s', of: 'p50' },
  { key: 'p99_e2e_s', request: 'e2e_s', of: 'p99' },
  { key: 'elapsed_s', sample: 'elapsed_s' },
  { key: 'prefix_cache_hit_rate', sample: 'prefix_cache_hit_rate' },
  { key: 'mbu', sample: 'mbu' },
  { key: 'mfu', sample: 'mfu' },
  { key: 'power_w', sample: 'power_w' },
  { key: 'energy_per_output_token_j', sample: 'energy_per_output_token_j' },
] as const satisfies readonly ResultField[];

export type MeasuredKey = (typeof RESULT_FIELDS)[number]['key'];

/** The measured numbers whose spread over samples is written too. */
export const HEADLINES = [
  'throughput_req_per_sec',
  'throughput_total_tokens_per_sec',
  'throughput_output_tokens_per_sec',
  'avg_ttft_s',
  'p99_ttft_s',
  'avg_queue_s',
  'avg_prefill_s',
  'avg_tpot_tokens_per_s',
  'p99_tpot_tokens_per_s',
  'p1_tpot_tokens_per_s',
  'tpot_s',
  'p99_tpot_s',
  'prefix_cache_hit_rate',
] as const satisfies readonly MeasuredKey[];

/** Numbers of `results` that are counts of one sample: in a valid record all samples processed the same tokens. */
export const COUNT_FIELDS = [
  { key: 'total_prompt_tokens', count: 'prompt_tokens', meaning: 'prompt tokens of one sample, cached ones too' },
  { key: 'total_output_tokens', count: 'output_tokens', meaning: 'generated tokens of one sample' },
  { key: 'total_cached_tokens', count: 'cached_tokens', meaning: 'prompt tokens that came from the prefix cache' },
  { key: 'preemptions', count: 'preemptions', meaning: 'requests that lost their KV cache and were computed again' },
] as const;

/** What a record's `results` call this field: `ttft_s_mean`, `output_throughput_tps`. */
export function metricKey(field: ResultField): string {
  return 'sample' in field ? field.sample : `${field.request}_${field.of}`;
}

/** The field's value in one sample; null when the sample has none. */
export function sampleValue(sample: Sample, field: ResultField): number | null {
  return 'sample' in field ? sample.values[field.sample] : (sample.latency[field.request]?.[field.of] ?? null);
}

/** Why a record has no value for this field. */
export function missingReason(record: JobRecord, field: ResultField): string {
  const metric = 'sample' in field ? field.sample : field.request;
  return record.missing[metricKey(field)] ?? record.missing[metric] ?? 'no valid sample has it and none says why';
}
