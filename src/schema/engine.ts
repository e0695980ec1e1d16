import { z } from 'zod';

/** How a launch is measured: our resident driver, vLLM's own benchmark, or a benchmark script given by path. */
export const DriverChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('resident') }),
  z.strictObject({ kind: z.literal('stock') }),
  z.strictObject({ kind: z.literal('script'), path: z.string() }),
]);
export type DriverChoice = z.output<typeof DriverChoice>;

/**
 * Everything that is fixed while an engine process lives. Two jobs with equal engine settings share one launch.
 * `null` means: not asked for, vLLM decides; what it decided is in the engine report of the record.
 */
export const EngineSettings = z.strictObject({
  /** A Hugging Face id, a path, or `builtin:<name>` for a model that this program generates. */
  model: z.string().min(1),
  /** The checkpoint of the model that has this precision, from the run's `checkpoints:`; null: the model itself. */
  checkpoint: z.string().min(1).nullable(),
  /** The precision as asked: `fp8`, `fp4` or any vLLM name; null for none. */
  quantization: z.string().nullable(),
  kv_cache_dtype: z.string().nullable(),
  tensor_parallel_size: z.int().min(1),
  pipeline_parallel_size: z.int().min(1),
  max_num_seqs: z.int().min(1).nullable(),
  gpu_memory_utilization: z.number().gt(0).max(1),
  enable_prefix_caching: z.boolean(),
  /** Only a value that the user gave; a derived one belongs to the launch (see Launch.max_model_len). */
  max_model_len: z.int().min(1).nullable(),
  /** Every other flag of `args`, one word each, in the order in which it was written. */
  extra_args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  driver: DriverChoice,
});
export type EngineSettings = z.output<typeof EngineSettings>;

/** The weights as they lie in the workers' memory, summed over them. */
export const LoadedWeights = z.object({
  bytes: z.number(),
  /** torch dtype -> bytes of parameters and buffers. */
  by_dtype: z.record(z.string(), z.number()),
  /** Class of vLLM's quantization method -> linear layers and expert blocks that have it (`UnquantizedLinearMethod`). */
  methods: z.record(z.string(), z.int()),
});
export type LoadedWeights = z.output<typeof LoadedWeights>;

/** What the engine itself says it runs with; null where that vLLM does not tell. */
export const EngineReport = z.object({
  vllm_version: z.string().nullable(),
  device_type: z.string().nullable(),
  model: z.string().nullable(),
  dtype: z.string().nullable(),
  quantization: z.string().nullable(),
  kv_cache_dtype: z.string().nullable(),
  tensor_parallel_size: z.int().nullable(),
  pipeline_parallel_size: z.int().nullable(),
  max_model_len: z.int().nullable(),
  max_num_seqs: z.int().nullable(),
  max_num_batched_tokens: z.int().nullable(),
  gpu_memory_utilization: z.number().nullable(),
  enable_prefix_caching: z.boolean().nullable(),
  block_size: z.int().nullable(),
  kv_cache_tokens: z.int().nullable(),
  enforce_eager: z.boolean().nullable(),
  /** Bytes of the KV cache's tensors, over all workers. */
  kv_cache_bytes: z.number().nullable().default(null),
  /** What the workers hold, counted in their own processes; null where they cannot be asked. */
  weights: LoadedWeights.nullable().default(null),
});
export type EngineReport = z.output<typeof EngineReport>;
