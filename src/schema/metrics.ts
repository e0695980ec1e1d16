/**
 * The one table of metrics: unit, direction, and what each number means. Keys carry their unit (`_s` seconds,
 * `_tps` tokens per second, `_rps` requests per second), so a value can be read without this table.
 */
export const METRICS = {
  request_throughput_rps: {
    unit: 'req/s',
    better: 'higher',
    label: 'Request throughput',
    definition: 'finished requests / elapsed time of generate()',
  },
  output_throughput_tps: {
    unit: 'tok/s',
    better: 'higher',
    label: 'Output throughput',
    definition: 'generated tokens / elapsed time of generate()',
  },
  total_throughput_tps: {
    unit: 'tok/s',
    better: 'higher',
    label: 'Total throughput',
    definition: '(prompt + generated tokens) / elapsed time of generate(); cached prompt tokens count too',
  },
  elapsed_s: { unit: 's', better: 'lower', label: 'Elapsed', definition: 'wall time of generate()' },
  ttft_s: {
    unit: 's',
    better: 'lower',
    label: 'TTFT',
    definition: 'first_token_ts - queued_ts, both on the engine’s monotonic clock',
  },
  ttft_frontend_s: {
    unit: 's',
    better: 'lower',
    label: 'TTFT (front end)',
    definition: 'first_token_latency: from the arrival at the front end, wall clock',
  },
  queue_s: { unit: 's', better: 'lower', label: 'Queue time', definition: 'scheduled_ts - queued_ts' },
  prefill_s: { unit: 's', better: 'lower', label: 'Prefill time', definition: 'first_token_ts - scheduled_ts' },
  decode_s: { unit: 's', better: 'lower', label: 'Decode time', definition: 'last_token_ts - first_token_ts' },
  e2e_s: { unit: 's', better: 'lower', label: 'E2E latency', definition: 'last_token_ts - queued_ts' },
  tpot_s: {
    unit: 's',
    better: 'lower',
    label: 'TPOT',
    definition: '(last_token_ts - first_token_ts) / (n - 1) for a request of n >= 2 output tokens',
  },
  tpot_tokens_per_s: {
    unit: 'tok/s',
    better: 'higher',
    label: 'Decode speed per request',
    definition: '1 / tpot_s of each request; the source document calls this TPOT',
  },
  prefix_cache_hit_rate: {
    unit: '',
    better: 'higher',
    label: 'Prefix-cache hit rate',
    definition: 'cached prompt tokens / prompt tokens, summed over requests',
  },
} as const satisfies Record<string, MetricDefinition>;

export interface MetricDefinition {
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly label: string;
  readonly definition: string;
}

export type MetricId = keyof typeof METRICS;

/** Metrics that every request has its own value of; a sample keeps their distribution over requests. */
export const REQUEST_METRICS = [
  'ttft_s',
  'ttft_frontend_s',
  'queue_s',
  'prefill_s',
  'decode_s',
  'e2e_s',
  'tpot_s',
  'tpot_tokens_per_s',
] as const satisfies readonly MetricId[];
export type RequestMetricId = (typeof REQUEST_METRICS)[number];

/** Metrics with one value for a whole sample. */
export const SAMPLE_METRICS = [
  'request_throughput_rps',
  'output_throughput_tps',
  'total_throughput_tps',
  'elapsed_s',
  'prefix_cache_hit_rate',
] as const satisfies readonly MetricId[];
export type SampleMetricId = (typeof SAMPLE_METRICS)[number];
