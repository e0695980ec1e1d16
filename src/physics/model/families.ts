import { type Attention, type GroupedQueryOptions, groupedQuery, latent } from './attention.ts';
import { deepseek, dense, type FeedForward, gptOss, llama4, mixtral, qwen } from './experts.ts';
import type { LanguageConfig } from './language-config.ts';

/** How the layers of one `model_type` are made. */
export interface Family {
  /** What transformers assumes where config.json is silent, for those that do leave it out. */
  readonly defaults: Partial<LanguageConfig>;
  /** Whether the output head is the embedding when config.json does not say. */
  readonly tied: boolean;
  /** Norms of a layer, each as wide as the model. */
  readonly norms: readonly string[];
  readonly attention: (config: LanguageConfig) => Attention;
  readonly feedForward: FeedForward;
}

const TWO_NORMS = ['input_layernorm', 'post_attention_layernorm'];
const FOUR_NORMS = [...TWO_NORMS, 'pre_feedforward_layernorm', 'post_feedforward_layernorm'];
const PLAIN: GroupedQueryOptions = { bias: 'none', qkNorm: false, fused: false, sinks: false };

function grouped(options: Partial<GroupedQueryOptions> = {}): Family['attention'] {
  // Only Llama and its like let attention_bias reach the output projection.
  return (config) => groupedQuery(config, { ...PLAIN, ...(config.attention_bias ? { bias: 'all' } : {}), ...options });
}

const LLAMA: Family = { defaults: {}, tied: false, norms: TWO_NORMS, attention: grouped(), feedForward: dense };
const QWEN2: Family = { ...LLAMA, attention: grouped({ bias: 'qkv' }) };
const QWEN3: Family = { ...LLAMA, defaults: { head_dim: 128 }, attention: grouped({ qkNorm: true }) };
const QWEN3_MOE: Family = { ...LLAMA, attention: grouped({ qkNorm: true }), feedForward: qwen };
const GEMMA2: Family = {
  ...LLAMA,
  defaults: { head_dim: 256, num_attention_heads: 8, num_key_value_heads: 4, vocab_size: 256_000 },
  tied: true,
  norms: FOUR_NORMS,
};
const LATENT: Family = { ...LLAMA, attention: latent, feedForward: deepseek };

/**
 * By `model_type` of config.json, of the language model where there are several. A type that is not here has no size.
 */
export const FAMILIES: Readonly<Record<string, Family>> = {
  llama: LLAMA,
  mistral: LLAMA,
  qwen2: QWEN2,
  qwen2_vl: QWEN2,
  qwen2_vl_text: QWEN2,
  qwen2_5_vl: QWEN2,
  qwen2_5_vl_text: QWEN2,
  qwen3: QWEN3,
  qwen3_vl_text: QWEN3,
  gemma: { ...LLAMA, defaults: { head_dim: 256 }, tied: true },
  gemma2: GEMMA2,
  gemma3_text: {
    ...GEMMA2,
    defaults: { ...GEMMA2.defaults, vocab_size: 262_208 },
    attention: grouped({ qkNorm: true }),
  },
  phi3: {
    ...LLAMA,
    attention: grouped({ fused: true }),
    feedForward: (config, layer) => fusedGate(dense(config, layer)),
  },
  mixtral: { ...LLAMA, feedForward: mixtral },
  qwen2_moe: { ...LLAMA, attention: grouped({ bias: 'qkv' }), feedForward: qwen },
  qwen3_moe: QWEN3_MOE,
  qwen3_vl_moe_text: QWEN3_MOE,
  deepseek_v2: LATENT,
  deepseek_v3: LATENT,
  kimi_k2: LATENT,
  glm4_moe_lite: LATENT,
  glm4_moe: {
    ...LLAMA,
    attention: (config) =>
      groupedQuery(config, {
        ...PLAIN,
        bias: config.attention_bias ? 'qkv' : 'none',
        qkNorm: config.use_qk_norm === true,
      }),
    feedForward: deepseek,
  },
  gpt_oss: {
    ...LLAMA,
    defaults: { head_dim: 64, attention_bias: true },
    attention: grouped({ sinks: true }),
    feedForward: gptOss,
  },
  llama4_text: { ...LLAMA, feedForward: llama4 },
};

/** Phi-3 stores gate and up as one tensor. */
function fusedGate(tensors: ReturnType<FeedForward>): ReturnType<FeedForward> {
  return tensors.flatMap((tensor) => {
    if (tensor.module === 'mlp.up_proj') return [];
    if (tensor.module !== 'mlp.gate_proj') return [tensor];
    return [{ ...tensor, module: 'mlp.gate_up_proj', elements: 2 * tensor.elements }];
  });
}
