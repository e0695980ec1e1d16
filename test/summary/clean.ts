import type { MeasurementFile, RequestColumns } from '../../src/schema/driver-protocol.ts';
import type { EngineSettings } from '../../src/schema/engine.ts';
import type { Precision } from '../../src/schema/precision.ts';
import type { Workload } from '../../src/schema/workload.ts';
import type { Asked } from '../../src/summary/check.ts';

/** A workload of 4 prompts of 128 tokens, 32 out; every field can be changed. */
export function workloadOf(changes: Partial<Workload> = {}): Workload {
  return {
    input_len: 128,
    output_len: 32,
    prefix_len: 0,
    prefix_mode: 'inclusive',
    prompt_len: 128,
    shared_len: 0,
    num_prefixes: 1,
    num_prompts: 4,
    prefix_state: 'warm',
    warmups: 2,
    seed: 7,
    load_shape: 'offline-burst',
    ...changes,
  };
}

export function engineOf(changes: Partial<EngineSettings> = {}): EngineSettings {
  return {
    model: 'builtin:tiny',
    checkpoint: null,
    quantization: null,
    kv_cache_dtype: 'fp8',
    tensor_parallel_size: 2,
    pipeline_parallel_size: 1,
    max_num_seqs: 64,
    gpu_memory_utilization: 0.9,
    enable_prefix_caching: false,
    max_model_len: null,
    extra_args: [],
    env: {},
    driver: { kind: 'resident' },
    ...changes,
  };
}

export function askedOf(workload: Partial<Workload> = {}, engine: Partial<EngineSettings> = {}): Asked {
  return {
    job_id: 'job-a',
    repeat: 0,
    workload: workloadOf(workload),
    engine: engineOf(engine),
    max_model_len: 256,
    precision: PLAIN,
    checkpoint: null,
    devices: null,
    min_duration_s: 0,
  };
}

/** Nothing is quantized. */
export const PLAIN: Precision = {
  asked: null,
  flag: null,
  by: 'nobody',
  reaches: 'none',
  weights: 'bf16',
  activations: null,
};

/** A point of 128 tokens of which 96 are shared, on an engine with prefix caching: bound 96/128 at block size 16. */
export function askedWithPrefix(workload: Partial<Workload> = {}): Asked {
  return askedOf({ prefix_len: 96, shared_len: 96, ...workload }, { enable_prefix_caching: true });
}

/** What the resident driver writes when everything went as asked. */
export function cleanFile(asked: Asked = askedOf(), changes: Partial<MeasurementFile> = {}): MeasurementFile {
  const { workload, engine } = asked;
  const rows = Array.from({ length: workload.num_prompts }, (_, row) => row);
  const cached = engine.enable_prefix_caching ? workload.shared_len : 0;
  // Of a cold prefix the first request of each pays.
  const paying = workload.prefix_state === 'cold' ? workload.num_prefixes : 0;
  return {
    protocol: 1,
    driver: 'resident',
    method: 1,
    job_id: asked.job_id,
    run_name: 'clean',
    repeat: asked.repeat,
    vllm_version: '0.32.0',
    asked: {
      id: asked.job_id,
      run_name: 'clean',
      prompt_len: workload.prompt_len,
      shared_len: workload.shared_len,
      num_prefixes: workload.num_prefixes,
      output_len: workload.output_len,
      num_prompts: workload.num_prompts,
      prefix_state: workload.prefix_state,
      warmups: workload.warmups,
      seed: workload.seed,
      until: null,
    },
    engine: {
      vllm_version: '0.32.0',
      device_type: 'cuda',
      model: '/models/tiny',
      dtype: 'bfloat16',
      quantization: null,
      kv_cache_dtype: 'fp8_e4m3',
      tensor_parallel_size: 2,
      pipeline_parallel_size: 1,
      max_model_len: 256,
      max_num_seqs: 64,
      max_num_batched_tokens: 4096,
      gpu_memory_utilization: 0.9,
      enable_prefix_caching: engine.enable_prefix_caching,
      block_size: 16,
      kv_cache_tokens: 131072,
      enforce_eager: true,
      kv_cache_bytes: null,
      weights: null,
    },
    phases: { prompts_s: 0.01, warmup_s: 0.3, reset_s: 0.01, prefix_s: 0, measure_s: 2 },
    elapsed_s: 2,
    cache_reset: true,
    warmup_requests: workload.warmups,
    metrics_missing: null,
    started_unix_s: 1_795_329_261,
    requests: {
      prompt_tokens: rows.map(() => workload.prompt_len),
      output_tokens: rows.map(() => workload.output_len),
      cached_tokens: rows.map((row) => (row < paying ? 0 : cached)),
      finish_reason: rows.map(() => 'length'),
      preemptions: rows.map(() => 0),
      arrival_unix_s: rows.map(() => 1_795_329_261),
      queued_ts: rows.map(() => 100),
      scheduled_ts: rows.map((row) => 100.1 + 0.1 * row),
      first_token_ts: rows.map((row) => 100.2 + 0.1 * row),
      last_token_ts: rows.map((row) => 101.2 + 0.1 * row),
      first_token_latency_s: rows.map((row) => 0.25 + 0.1 * row),
    },
    ...changes,
  };
}

/** The file with one value of one column replaced. */
export function withCell<K extends keyof RequestColumns>(
  file: MeasurementFile,
  column: K,
  row: number,
  value: RequestColumns[K][number],
): MeasurementFile {
  return { ...file, requests: { ...file.requests, [column]: file.requests[column].with(row, value as never) } };
}
