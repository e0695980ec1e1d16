import type { RequestColumns } from '../../src/schema/driver-protocol.ts';
import type { EngineReport } from '../../src/schema/engine.ts';
import type { DeviceFacts } from '../../src/schema/facts.ts';
import type { Asked, Measured } from '../../src/summary/check.ts';

/** One field of a recorded run, or of what was asked of it, that is changed; and the one check that has to see it. */
export interface Mutation {
  readonly flips: string;
  /** Folder of fixtures/vllm; its first measurement. */
  readonly run: string;
  /** What is asked in another way than ASKED of captured.ts says; the run is clean all the same. */
  readonly given?: (asked: Asked) => Asked;
  readonly change?: (measured: Measured) => Measured;
  readonly changeAsked?: (asked: Asked) => Asked;
  readonly says: string;
}

const PLAIN = 'reported-plain';
const PREFIX = 'reported-prefix';
const KV = 'reported-kv-fp8';
const FP8 = 'reported-fp8_per_block';

const engine = (changes: Partial<EngineReport>) => (measured: Measured) => {
  if (measured.engine === null) throw new Error('no engine report');
  return { ...measured, engine: { ...measured.engine, ...changes } };
};
const weights = (changes: Partial<NonNullable<EngineReport['weights']>>) => (measured: Measured) => {
  const told = measured.engine?.weights ?? { bytes: 0, by_dtype: {}, methods: {} };
  return engine({ weights: { ...told, ...changes } })(measured);
};
const cell =
  <K extends keyof RequestColumns>(column: K, row: number, value: RequestColumns[K][number]) =>
  (measured: Measured): Measured => {
    if (measured.columns === null) throw new Error('no columns');
    const cells = (measured.columns[column] as RequestColumns[K][number][]).with(row, value);
    return { ...measured, columns: { ...measured.columns, [column]: cells } };
  };
const measured =
  (changes: Partial<Measured>) =>
  (all: Measured): Measured => ({ ...all, ...changes });

/** A device that the tiny model's run is possible on: 100 GB/s, 10 TFLOP/s. */
const DEVICE: DeviceFacts = {
  kind: 'cpu',
  name: 'made up',
  count: 1,
  memory_bytes: null,
  compute_capability: null,
  accelerator: {
    id: 'made-up',
    label: 'made up',
    names: ['made up'],
    devices_per_chip: 1,
    memory_bytes: { value: 1e9, source: 'made up', date: '2026-01-01' },
    memory_bandwidth_bytes_per_s: { value: 1e11, source: 'made up', date: '2026-01-01' },
    flops: { bf16: { value: 1e13, source: 'made up', date: '2026-01-01' } },
  },
};
const withArgs =
  (...extra_args: string[]) =>
  (asked: Asked): Asked => ({ ...asked, engine: { ...asked.engine, extra_args } });
const onDevice = (asked: Asked): Asked => ({ ...asked, devices: DEVICE });

export const MUTATIONS: readonly Mutation[] = [
  {
    ...{ flips: 'other-job', run: PLAIN, says: 'measured job b, asked for plain-128-32' },
    change: (all) => ({ ...all, identity: all.identity && { ...all.identity, job_id: 'b' } }),
  },
  {
    ...{ flips: 'other-job', run: PLAIN, says: 'measured repeat 1, asked for 0' },
    change: (all) => ({ ...all, identity: all.identity && { ...all.identity, repeat: 1 } }),
  },
  {
    ...{ flips: 'other-job', run: PLAIN, says: 'the driver was told output_len 64, the plan says 32' },
    change: (all) => ({
      ...all,
      identity: all.identity && { ...all.identity, asked: { ...all.identity.asked, output_len: 64 } },
    }),
  },
  {
    ...{ flips: 'other-job', run: PLAIN, says: 'measured by method 2 of the driver, asked for 1' },
    change: (all) => ({ ...all, identity: all.identity && { ...all.identity, method: 2 } }),
  },
  { flips: 'exit-code', run: PLAIN, change: measured({ exit_code: 1 }), says: 'exited with code 1' },
  { flips: 'elapsed-time', run: PLAIN, change: measured({ elapsed_s: 0 }), says: 'the measured time is 0 s' },
  {
    ...{ flips: 'duration', run: PLAIN, says: '0.314 s were measured, at least 5 s are needed' },
    // What is asked changes: a shorter time would contradict the engine's clock too.
    changeAsked: (asked) => ({ ...asked, min_duration_s: 5 }),
  },
  // The engine worked for 0.3138 s by its own clock.
  { flips: 'engine-clock', run: PLAIN, change: measured({ elapsed_s: 0.31 }), says: 's by its own clock' },
  {
    ...{ flips: 'no-result-lines', run: PLAIN, says: 'stdout lacks the result line `Throughput:`' },
    change: measured({ unprinted: ['`Throughput:`'] }),
  },
  { flips: 'warm-up', run: PLAIN, change: measured({ warmup_requests: 3 }), says: '3 of 4 warm-up requests finished' },
  {
    ...{ flips: 'timestamps', run: PLAIN, says: 'request 3 has its scheduled_ts before its queued_ts' },
    change: cell('scheduled_ts', 2, 1),
  },
  {
    ...{ flips: 'result-lines', run: PLAIN, says: 'prompt tokens: 2049 printed, 2048 in the file' },
    change: (all) => ({
      ...all,
      comparisons: all.comparisons.map((one) => (one.what === 'prompt tokens' ? { ...one, printed: 2049 } : one)),
    }),
  },
  {
    ...{ flips: 'repeated-lines', run: PLAIN, says: 'printed more than once: Throughput:' },
    change: measured({ repeated_lines: ['Throughput:'] }),
  },
  { flips: 'request-count', run: PLAIN, change: measured({ requests: 15 }), says: '15 requests instead of 16' },
  {
    ...{ flips: 'finish-reason', run: PLAIN, says: '1 requests did not end by length, the first by stop' },
    change: cell('finish_reason', 1, 'stop'),
  },
  {
    ...{ flips: 'finish-reason', run: PLAIN, says: 'did not end by length, the first by null' },
    change: cell('finish_reason', 1, null),
  },
  {
    ...{ flips: 'prompt-tokens', run: PLAIN, says: '129 instead of 128 prompt tokens in 1 of 16 requests' },
    change: cell('prompt_tokens', 3, 129),
  },
  {
    ...{ flips: 'output-tokens', run: PLAIN, says: '31 instead of 32 output tokens in 1 of 16 requests' },
    change: cell('output_tokens', 3, 31),
  },
  {
    ...{ flips: 'cached-tokens', run: PLAIN, says: '128 prompt tokens came from the prefix cache' },
    change: measured({ cached_tokens: 128 }),
  },
  {
    ...{ flips: 'cached-tokens', run: PLAIN, says: '96 prompt tokens came from the prefix cache' },
    // One request does not tell, and another has 96.
    change: (all) => cell('cached_tokens', 4, 96)(cell('cached_tokens', 3, null)({ ...all, cached_tokens: null })),
  },
  // 384 of 512 tokens in blocks of 128: 16 x 384 = 6144 at best.
  {
    ...{ flips: 'prefix-missed', run: PREFIX, says: 'hit rate 65.6 % of at best 75.0 %' },
    change: measured({ cached_tokens: 14 * 384 }),
  },
  {
    ...{ flips: 'prefix-exceeded', run: PREFIX, says: 'more than the 100.0 % that the prefix allows' },
    change: measured({ cached_tokens: 16 * 512 + 1 }),
  },
  { flips: 'cache-reset', run: PLAIN, change: measured({ cache_reset: false }), says: 'vLLM refused to reset' },
  {
    ...{ flips: 'vllm-version', run: PLAIN, says: 'the engine is vLLM 0.27.1, planned for 0.32.0' },
    given: (asked) => ({ ...asked, vllm_version: '0.32.0' }),
    change: engine({ vllm_version: '0.27.1' }),
  },
  {
    ...{ flips: 'device', run: PLAIN, says: 'the engine runs on cpu; this host has cuda: NVIDIA B200' },
    changeAsked: (asked) => ({
      ...asked,
      devices: { ...DEVICE, kind: 'cuda', name: 'NVIDIA B200', accelerator: null },
    }),
  },
  { flips: 'model', run: PLAIN, change: engine({ model: 'tiny-2' }), says: 'the engine runs tiny-2, asked for tiny' },
  {
    ...{ flips: 'tensor-parallel-size', run: PLAIN, says: 'tensor_parallel_size is 2, asked for 1' },
    change: engine({ tensor_parallel_size: 2 }),
  },
  {
    ...{ flips: 'pipeline-parallel-size', run: PLAIN, says: 'pipeline_parallel_size is 2, asked for 1' },
    change: engine({ pipeline_parallel_size: 2 }),
  },
  {
    ...{ flips: 'max-num-seqs', run: KV, says: 'max_num_seqs is 256, asked for 64' },
    change: engine({ max_num_seqs: 256 }),
  },
  {
    ...{ flips: 'max-model-len', run: PLAIN, says: 'max_model_len is 16384, asked for 1024' },
    change: engine({ max_model_len: 16384 }),
  },
  {
    ...{ flips: 'gpu-memory-utilization', run: PLAIN, says: 'gpu_memory_utilization is 0.45, asked for 0.92' },
    change: engine({ gpu_memory_utilization: 0.45 }),
  },
  {
    ...{ flips: 'enforce-eager', run: PLAIN, says: 'enforce_eager is false, asked for true' },
    given: withArgs('--enforce-eager'),
    change: engine({ enforce_eager: false }),
  },
  {
    ...{ flips: 'block-size', run: PLAIN, says: 'block_size is 16, asked for 128' },
    given: withArgs('--block-size', '128'),
    change: engine({ block_size: 16 }),
  },
  {
    ...{ flips: 'max-num-batched-tokens', run: PLAIN, says: 'max_num_batched_tokens is 2048, asked for 4096' },
    given: withArgs('--max-num-batched-tokens=4K'),
    change: engine({ max_num_batched_tokens: 2048 }),
  },
  {
    ...{ flips: 'prefix-caching', run: PLAIN, says: 'enable_prefix_caching is true, asked for false' },
    change: engine({ enable_prefix_caching: true }),
  },
  {
    ...{ flips: 'kv-cache-dtype', run: KV, says: 'kv_cache_dtype is auto, asked for fp8' },
    change: engine({ kv_cache_dtype: 'auto' }),
  },
  {
    ...{ flips: 'quantization', run: FP8, says: "the engine's quantization is none, asked for fp8_per_block" },
    change: engine({ quantization: null }),
  },
  {
    ...{ flips: 'quantization', run: PLAIN, says: 'the engine runs with fp8; nothing was asked for' },
    given: (asked) => ({ ...asked, checkpoint: asked.checkpoint && { ...asked.checkpoint, config_sha256: 'read' } }),
    change: engine({ quantization: 'fp8' }),
  },
  {
    ...{ flips: 'weights-not-quantized', run: FP8, says: 'every linear layer is unquantized, whatever --quantization' },
    change: weights({ methods: { UnquantizedLinearMethod: 16 } }),
  },
  {
    ...{ flips: 'weights-not-quantized', run: FP8, says: 'vLLM says that it quantized 0 layers' },
    change: (all) => ({ ...all, log: all.log && { ...all.log, quantized_layers: { value: 0, line: 22 } } }),
  },
  // In FP8 2.82 MB, in BF16 5.18 MB; half of the saving of 2.36 MB is missing at 4.0 MB.
  {
    ...{ flips: 'weights-memory', run: FP8, says: 'in fp8 they would take about 0.00263, in 16 bits 0.00483' },
    change: weights({ bytes: 4_100_000 }),
  },
  // Nothing was asked, and config.json says BF16.
  { flips: 'dtype', run: PLAIN, change: engine({ dtype: 'float16' }), says: 'dtype is float16, planned was bfloat16' },
  { flips: 'dtype', run: KV, change: engine({ dtype: 'float16' }), says: 'dtype is float16, asked for bfloat16' },
  // 262,144 tokens of 1024 elements in 256 MiB are 8 bits each.
  {
    ...{ flips: 'kv-cache-size', run: KV, says: 'the KV cache has 16.0 bits an element; fp8 has 8' },
    change: engine({ kv_cache_bytes: 2 * 268_435_456 }),
  },
  {
    ...{ flips: 'kv-concurrency', run: PLAIN, says: 'the KV cache holds 2047 tokens; the prompts of 16 requests' },
    given: (asked) => ({ ...asked, engine: { ...asked.engine, max_num_seqs: 256 } }),
    change: engine({ kv_cache_tokens: 2047 }),
  },
  {
    ...{ flips: 'preemptions', run: PLAIN, says: '1 of 16 requests were preempted' },
    change: cell('preemptions', 5, 1),
  },
  {
    ...{ flips: 'mbu', run: PLAIN, given: onDevice, says: 'reading weights and KV cache alone would take' },
    // 1250 tokens for each of 16 requests: 6.5 GB of weights, and 2 KiB of KV cache for each of 16 x 1250 x 750 tokens,
    // 31 GB. In 0.31 s the device reads 31 GB.
    change: measured({ output_tokens: 20_000 }),
  },
  {
    ...{ flips: 'mfu', run: PLAIN, given: onDevice, says: 'the FLOPs of the model alone would take' },
    // 2 x 2.4 million parameters x 200,000 tokens are 0.9 TFLOP; attention, 4 x 1024 x half of 12,500 for each, 5. In
    // 0.31 s the device has 3.
    change: measured({ prompt_tokens: 200_000 }),
  },
  {
    ...{ flips: 'ttft', run: PLAIN, says: 'a request has a TTFT of 1.000 s in a run of 0.314 s' },
    change: cell('first_token_latency_s', 4, 1),
  },
  {
    ...{ flips: 'e2e-sum', run: PLAIN, says: 'less than E2E in 1 of 16 requests' },
    change: cell('first_token_latency_s', 4, 0.001),
  },
];
