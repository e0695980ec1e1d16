/**
 * The one table of metrics: unit, direction, what each number means, and where its formula comes from; what other tools
 * call it is in metric-names.ts. Keys carry their unit (`_s` seconds, `_tps` tokens per second, `_rps` requests per
 * second), so a value can be read without this table.
 */
export const METRICS = {
  request_throughput_rps: {
    unit: 'req/s',
    better: 'higher',
    label: 'Request throughput',
    definition: 'finished requests / elapsed time of generate()',
    source: 'vllm/benchmarks/throughput.py, requests_per_second',
  },
  output_throughput_tps: {
    unit: 'tok/s',
    better: 'higher',
    label: 'Output throughput',
    definition: 'generated tokens / elapsed time of generate()',
    source: 'vllm/benchmarks/throughput.py, the printed "output tokens/s"',
  },
  total_throughput_tps: {
    unit: 'tok/s',
    better: 'higher',
    label: 'Total throughput',
    definition: '(prompt + generated tokens) / elapsed time of generate(); cached prompt tokens count too',
    source: 'vllm/benchmarks/throughput.py, tokens_per_second',
  },
  elapsed_s: {
    unit: 's',
    better: 'lower',
    label: 'Elapsed',
    definition: 'wall time of generate()',
    source: 'vllm/benchmarks/throughput.py, elapsed_time',
  },
  ttft_s: {
    unit: 's',
    better: 'lower',
    label: 'TTFT',
    definition: 'first_token_ts - queued_ts, both on the engine’s monotonic clock',
    source: 'the sum of queued_time and prefill_time in vllm/v1/metrics/stats.py',
  },
  ttft_frontend_s: {
    unit: 's',
    better: 'lower',
    label: 'TTFT (front end)',
    definition: 'first_token_latency: from the arrival at the front end, wall clock',
    source: 'vllm/v1/metrics/stats.py, RequestStateStats.first_token_latency',
  },
  queue_s: {
    unit: 's',
    better: 'lower',
    label: 'Queue time',
    definition: 'scheduled_ts - queued_ts',
    source: 'vllm/v1/metrics/stats.py, queued_time',
  },
  prefill_s: {
    unit: 's',
    better: 'lower',
    label: 'Prefill time',
    definition: 'first_token_ts - scheduled_ts; a preemption during prefill is in it',
    source: 'vllm/v1/metrics/stats.py, prefill_time',
  },
  decode_s: {
    unit: 's',
    better: 'lower',
    label: 'Decode time',
    definition: 'last_token_ts - first_token_ts; a preemption during decoding is in it',
    source: 'vllm/v1/metrics/stats.py, decode_time',
  },
  e2e_s: {
    unit: 's',
    better: 'lower',
    label: 'E2E latency',
    definition: 'last_token_ts - queued_ts',
    source: 'the sum of queued_time, prefill_time and decode_time in vllm/v1/metrics/stats.py',
  },
  tpot_s: {
    unit: 's',
    better: 'lower',
    label: 'TPOT',
    definition: '(last_token_ts - first_token_ts) / (n - 1) for a request of n >= 2 output tokens',
    source: 'vllm/v1/metrics/stats.py, mean_time_per_output_token; vllm/benchmarks/serve.py, tpot',
  },
  tpot_tokens_per_s: {
    unit: 'tok/s',
    better: 'higher',
    label: 'Decode speed per request',
    definition: '1 / tpot_s of each request; the source document calls this TPOT',
    source: 'the inverse of tpot_s; "tokens/s/user" of the field',
  },
  prefix_cache_hit_rate: {
    unit: '',
    better: 'higher',
    label: 'Prefix-cache hit rate',
    definition: 'cached prompt tokens / prompt tokens, summed over requests',
    source: 'vllm/v1/metrics/loggers.py, prefix_cache_hits / prefix_cache_queries',
  },
  mbu: {
    unit: '',
    better: 'higher',
    label: 'MBU',
    definition:
      'model bandwidth utilization: the least bytes of weights and KV cache that the run must read / (elapsed x bandwidth)',
    source: 'after Databricks, LLM Inference Performance Engineering: Best Practices (2023)',
  },
  mfu: {
    unit: '',
    better: 'higher',
    label: 'MFU',
    definition: 'model FLOPs utilization: FLOPs of the tokens that were computed / (elapsed x peak dense FLOP/s)',
    source: 'after Chowdhery et al., PaLM, arXiv:2204.02311, appendix B',
  },
  power_w: {
    unit: 'W',
    better: 'lower',
    label: 'Power',
    definition: 'mean power of all devices of the launch together while it was measured; the host is not in it',
    source: 'nvidia-smi, power.draw (NVIDIA’s manual page), by the trapezoidal rule over elapsed time',
  },
  energy_per_output_token_j: {
    unit: 'J/tok',
    better: 'lower',
    label: 'Energy per output token',
    definition: 'power_w x elapsed time / generated tokens; prompts cost energy too, and it is all counted here',
    source: 'power_w, output tokens',
  },
} as const satisfies Record<string, MetricDefinition>;

export interface MetricDefinition {
  /** Empty for a share. */
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly label: string;
  readonly definition: string;
  /** Where the formula is from: a file of vLLM's (0.32.0) and the name there, or a publication. */
  readonly source: string;
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
  'mbu',
  'mfu',
  'power_w',
  'energy_per_output_token_j',
] as const satisfies readonly MetricId[];
export type SampleMetricId = (typeof SAMPLE_METRICS)[number];

/** What is told of a distribution over requests: the end of a key of `results`, as in `ttft_s_p99`. */
export const STATISTICS = {
  mean: 'mean over the requests of a sample',
  p1: '1st percentile over the requests of a sample',
  p50: 'median over the requests of a sample',
  p90: '90th percentile over the requests of a sample',
  p95: '95th percentile over the requests of a sample',
  p99: '99th percentile over the requests of a sample',
} as const;
export type Statistic = keyof typeof STATISTICS;

/** What is told of the samples of a point beside their figure: the end of a column, as in `ttft_s_p99_cv`. */
export const SPREADS = {
  stdev: 'sample standard deviation (n - 1) over the samples',
  cv: 'coefficient of variation over the samples: standard deviation / mean',
  ci95_low: 'lower end of the 95% confidence interval of the figure',
  ci95_high: 'upper end of the 95% confidence interval of the figure',
} as const;
export type SpreadId = keyof typeof SPREADS;
