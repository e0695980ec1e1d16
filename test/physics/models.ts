import type { CheckpointFacts } from '../../src/schema/facts.ts';
import type { ModelSize } from '../../src/schema/model-size.ts';
import type { Precision } from '../../src/schema/precision.ts';

/**
 * Llama-3.1-70B, by hand from its config.json: 80 layers of 8192 x 8192 (q, o), 8192 x 1024 (k, v) and three of
 * 8192 x 28672; embedding and output head of 128256 x 8192; norms 161 x 8192. KV: 80 x 2 x 8 heads x 128.
 */
export const LLAMA_70B: ModelSize = {
  parameters: 70_553_706_496,
  active_parameters: 70_553_706_496 - 128_256 * 8192,
  embedding_parameters: 2 * 128_256 * 8192,
  linear_parameters: 68_451_041_280,
  expert_parameters: 0,
  layers: 80,
  kv_elements_per_token: 163_840,
  experts: null,
  attention_width: 80 * 8192,
};

/** A dense model of 1e9 weights in linear layers and nothing else; 1000 numbers of KV cache a token. */
export const PLAIN_1B: ModelSize = {
  parameters: 1e9,
  active_parameters: 1e9,
  embedding_parameters: 0,
  linear_parameters: 1e9,
  expert_parameters: 0,
  layers: 10,
  kv_elements_per_token: 1000,
  experts: null,
  attention_width: 0,
};

export function checkpointOf(size: ModelSize | null, changes: Partial<CheckpointFacts> = {}): CheckpointFacts {
  return {
    model: 'm',
    path: null,
    config_sha256: null,
    max_position_embeddings: null,
    num_attention_heads: 64,
    dtype: 'bfloat16',
    quantization: null,
    size,
    weight_bytes: null,
    problems: [],
    ...changes,
  };
}

export const BF16: Precision = {
  asked: null,
  flag: null,
  by: 'nobody',
  reaches: 'none',
  weights: 'bf16',
  activations: null,
};

export const FP8: Precision = {
  asked: 'fp8',
  flag: 'fp8_per_tensor',
  by: 'engine',
  reaches: 'all',
  weights: 'fp8',
  activations: 'fp8',
};

/** FP4 that is only stored. */
export const W4A16: Precision = { ...FP8, asked: 'fp4', flag: 'mxfp4', weights: 'mxfp4', activations: null };
