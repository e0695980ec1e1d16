import type { MetricId } from './metrics.ts';

/**
 * The tools whose results are held beside ours. Read in the sources of vLLM 0.32.0, AIPerf 0.13.0, GuideLLM 0.8.1 and
 * inference-perf 0.7.0, and for the others in what their repositories held in 2026.
 */
export const TOOLS = [
  'vLLM bench throughput',
  'vLLM bench serve',
  'vLLM /metrics',
  'AIPerf',
  'GuideLLM',
  'InferenceX',
  'MLPerf',
  'SGLang',
  'inference-perf',
] as const;
export type Tool = (typeof TOOLS)[number];

/** What another tool calls a metric of ours, or what it calls something that is easily taken for it. */
export interface NameElsewhere {
  readonly tool: Tool;
  /** As the tool writes it; `<stat>` stands for mean, median, std, p99, 99.00 and so on. */
  readonly names: readonly string[];
  /** How theirs differs from ours, beyond its unit; null when it is the same quantity. */
  readonly differs: string | null;
  /** What to beware of although it is the same. */
  readonly remark: string | null;
}

/** Ours starts when the engine has the request in its queue. */
const FROM_SENDING = 'timed by the client from its send, network included';

const FROM_ISSUING = 'timed by loadgen from its issue of the query';
const WINDOW = 'over its measuring window, which leaves out warm-up and cool-down';

/** Names for each metric, and where theirs differ. */
export const NAMES_ELSEWHERE: { readonly [metric in MetricId]: readonly NameElsewhere[] } = {
  request_throughput_rps: [
    same('vLLM bench throughput', 'requests_per_second'),
    same('vLLM bench serve', 'request_throughput'),
    other('vLLM bench serve', 'only requests within every latency limit; ours counts all', 'request_goodput'),
    same('AIPerf', 'request_throughput'),
    other('AIPerf', 'only requests within every latency limit; ours counts all', 'goodput'),
    other('GuideLLM', WINDOW, 'requests_per_second'),
    same('MLPerf', 'result_samples_per_second', 'result_completed_samples_per_sec'),
    same('SGLang', 'request_throughput'),
    same('inference-perf', 'requests_per_sec'),
  ],
  output_throughput_tps: [
    same('vLLM bench throughput', 'output tokens/s'),
    same('vLLM bench serve', 'output_throughput'),
    other('vLLM /metrics', 'a counter of tokens; its rate is the throughput', 'vllm:generation_tokens'),
    same('AIPerf', 'output_token_throughput'),
    other('GuideLLM', WINDOW, 'output_tokens_per_second'),
    other('InferenceX', 'divided by the number of (decode) GPUs', 'output_tput_per_gpu'),
    same('MLPerf', 'result_tokens_per_second', 'result_completed_tokens_per_second'),
    same('SGLang', 'output_throughput'),
    same('inference-perf', 'output_tokens_per_sec'),
  ],
  total_throughput_tps: [
    {
      ...same('vLLM bench throughput', 'tokens_per_second'),
      remark: 'prompt and output together, though its name is often read as output tokens',
    },
    same('vLLM bench serve', 'total_token_throughput'),
    same('AIPerf', 'total_token_throughput'),
    other('GuideLLM', WINDOW, 'tokens_per_second'),
    other('InferenceX', 'counts input and output, divided by the number of GPUs', 'tput_per_gpu'),
    other('InferenceX', 'input only, divided by the number of (prefill) GPUs', 'input_tput_per_gpu'),
    same('SGLang', 'total_throughput'),
    other('SGLang', 'prompt tokens only', 'input_throughput'),
    same('inference-perf', 'total_tokens_per_sec'),
  ],
  elapsed_s: [
    same('vLLM bench throughput', 'elapsed_time'),
    same('vLLM bench serve', 'duration'),
    same('AIPerf', 'benchmark_duration'),
    same('SGLang', 'duration'),
  ],
  ttft_s: [
    other('vLLM bench serve', FROM_SENDING, '<stat>_ttft_ms', 'ttft'),
    other(
      'vLLM /metrics',
      'from the arrival at the front end, as our ttft_frontend_s',
      'vllm:time_to_first_token_seconds',
    ),
    other('AIPerf', FROM_SENDING, 'time_to_first_token'),
    other('GuideLLM', FROM_SENDING, 'time_to_first_token_ms'),
    other('InferenceX', FROM_SENDING, '<stat>_ttft'),
    other(
      'MLPerf',
      `${FROM_ISSUING}; p99 is what its rules limit`,
      'result_first_token_<stat>_percentile_latency_ns',
      'result_first_token_mean_latency_ns',
    ),
    other('SGLang', FROM_SENDING, '<stat>_ttft_ms'),
    other('inference-perf', FROM_SENDING, 'time_to_first_token'),
  ],
  ttft_frontend_s: [same('vLLM /metrics', 'vllm:time_to_first_token_seconds')],
  queue_s: [
    same('vLLM /metrics', 'vllm:request_queue_time_seconds'),
    other('vLLM bench serve', 'time in the client before it sends, not in the engine', 'queue_times'),
  ],
  prefill_s: [
    same('vLLM /metrics', 'vllm:request_prefill_time_seconds'),
    other('vLLM /metrics', 'prefill and decoding together', 'vllm:request_inference_time_seconds'),
  ],
  decode_s: [
    same('vLLM /metrics', 'vllm:request_decode_time_seconds'),
    other('AIPerf', 'as the client sees it: between the first and the last chunk', 'decode_duration'),
  ],
  e2e_s: [
    other('vLLM bench serve', FROM_SENDING, '<stat>_e2el_ms', 'e2el'),
    other('vLLM /metrics', 'from the arrival at the front end', 'vllm:e2e_request_latency_seconds'),
    other('AIPerf', FROM_SENDING, 'request_latency'),
    other('GuideLLM', FROM_SENDING, 'request_latency'),
    other('InferenceX', FROM_SENDING, '<stat>_e2el'),
    other('MLPerf', FROM_ISSUING, 'result_<stat>_percentile_latency_ns', 'result_mean_latency_ns'),
    other('SGLang', FROM_SENDING, '<stat>_e2e_latency_ms'),
    other('inference-perf', FROM_SENDING, 'request_latency'),
  ],
  tpot_s: [
    same('vLLM bench serve', '<stat>_tpot_ms', 'tpot'),
    other(
      'vLLM bench serve',
      'every gap between two chunks, pooled over requests; ours is one mean a request',
      '<stat>_itl_ms',
      'itl',
      'itls',
    ),
    same('vLLM /metrics', 'vllm:request_time_per_output_token_seconds'),
    other('vLLM /metrics', 'every gap between two outputs, pooled', 'vllm:inter_token_latency_seconds'),
    same('AIPerf', 'inter_token_latency'),
    other('AIPerf', 'every gap between two chunks; others call it ITL', 'inter_chunk_latency'),
    other(
      'GuideLLM',
      'the first token is in it: (last token - start) / n, so queue and prefill too',
      'time_per_output_token_ms',
    ),
    other('GuideLLM', 'the same for one request; its mean is weighted by tokens', 'inter_token_latency_ms'),
    same('InferenceX', '<stat>_tpot'),
    other('InferenceX', 'every gap between two chunks, pooled', '<stat>_itl'),
    same('MLPerf', 'result_time_per_output_token_<stat>_percentile_ns', 'result_time_to_output_token_mean'),
    same('SGLang', '<stat>_tpot_ms'),
    other('SGLang', 'every gap between two chunks, pooled', '<stat>_itl_ms'),
    same('inference-perf', 'time_per_output_token'),
    other('inference-perf', 'E2E latency / n: the first token is in it', 'normalized_time_per_output_token', 'ntpot'),
    other('inference-perf', 'every gap between two tokens, pooled', 'inter_token_latency'),
  ],
  tpot_tokens_per_s: [
    same('AIPerf', 'output_token_throughput_per_user'),
    same('InferenceX', '<stat>_intvty', 'intvty', 'interactivity'),
    other('GuideLLM', 'of one request, its queue and prefill included', 'output_tokens_per_second'),
  ],
  prefix_cache_hit_rate: [
    other(
      'vLLM /metrics',
      'two counters since the server’s start: divide what they grew by',
      'vllm:prefix_cache_hits',
      'vllm:prefix_cache_queries',
    ),
    other('InferenceX', 'of the whole server, from its metrics', 'server_gpu_cache_hit_rate'),
    other('inference-perf', 'in percent', 'kv_cache_hit_percent'),
  ],
  mbu: [
    other(
      'vLLM /metrics',
      'a counter of estimated bytes; its rate / the bandwidth is the share',
      'vllm:estimated_read_bytes_per_gpu_total',
    ),
  ],
  mfu: [
    other(
      'vLLM /metrics',
      'a counter of estimated FLOPs; its rate / the peak is the share',
      'vllm:estimated_flops_per_gpu_total',
    ),
  ],
  power_w: [other('AIPerf', 'of each GPU; ours is of all devices of the launch', 'gpu_power_usage')],
  energy_per_output_token_j: [
    other('AIPerf', 'energy of each GPU over the benchmark, not divided by tokens', 'energy_consumption'),
  ],
};

function same(tool: Tool, ...names: string[]): NameElsewhere {
  return { tool, names, differs: null, remark: null };
}

function other(tool: Tool, differs: string, ...names: string[]): NameElsewhere {
  return { tool, names, differs, remark: null };
}
