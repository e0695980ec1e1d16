import { z } from 'zod';

/** A number format of weights, activations or the KV cache. `other` is one that this program does not know the size of. */
export const NUMBER_FORMATS = {
  fp32: 32,
  fp16: 16,
  bf16: 16,
  fp8: 8,
  mxfp8: 8,
  int8: 8,
  nvfp4: 4,
  mxfp4: 4,
  int4: 4,
  other: null,
} as const satisfies Record<string, number | null>;
export const NumberFormat = z.enum(Object.keys(NUMBER_FORMATS) as [keyof typeof NUMBER_FORMATS]);
export type NumberFormat = z.output<typeof NumberFormat>;

/** How a checkpoint's own files say that it is quantized. */
export const CheckpointQuantization = z.strictObject({
  /** `quant_method` of config.json, as vLLM names it; `modelopt` and its like for a hf_quant_config.json. */
  method: z.string(),
  /** Format of the linear layers' weights. */
  weights: NumberFormat,
  /** Format that activations are quantized to; null when they stay in the model's dtype (W4A16, W8A16). */
  activations: NumberFormat.nullable(),
  /** What its KV cache is to be quantized to; null when it says nothing. */
  kv_cache: z.string().nullable(),
  source: z.enum(['config.json', 'hf_quant_config.json']),
  /** Rows and columns that share a scale (`weight_block_size`); absent where there is no such thing. */
  weight_block: z.array(z.int()).optional(),
});
export type CheckpointQuantization = z.output<typeof CheckpointQuantization>;

/** What an asked precision comes to, for this vLLM, checkpoint and device. */
export const Precision = z.strictObject({
  /** `fp8`, `fp4` or a name of vLLM's, as asked; null for none. */
  asked: z.string().nullable(),
  /** Value of --quantization; null for no flag. */
  flag: z.string().nullable(),
  /** Who makes the weights small: the checkpoint, the engine while it loads, or nobody. */
  by: z.enum(['nobody', 'checkpoint', 'engine']),
  /** Which linear layers are reached: of a mixture of experts some schemes leave the dense ones alone. */
  reaches: z.enum(['none', 'linear', 'experts', 'all']),
  weights: NumberFormat,
  activations: NumberFormat.nullable(),
});
export type Precision = z.output<typeof Precision>;
