import { type LanguageConfig, needed } from './language-config.ts';
import { linear, type Tensor, uncheckedVector, vector } from './parts.ts';

export interface Attention {
  readonly tensors: readonly Tensor[];
  readonly kvElements: number;
  readonly kvHeads: number | null;
  readonly width: number;
}

export interface GroupedQueryOptions {
  /** Biases of the projections: of q, k and v; of the output too; of none. */
  readonly bias: 'none' | 'qkv' | 'all';
  /** RMS norms over each head of q and k. */
  readonly qkNorm: boolean;
  /** q, k and v are one tensor in the checkpoint. */
  readonly fused: boolean;
  /** One learned number per head, as in gpt-oss. */
  readonly sinks: boolean;
}

/** Attention with as many or fewer KV heads than query heads: MHA, MQA and GQA. */
export function groupedQuery(config: LanguageConfig, options: GroupedQueryOptions): Attention {
  const hidden = needed(config, 'hidden_size');
  const heads = needed(config, 'num_attention_heads');
  const kvHeads = config.num_key_value_heads ?? heads;
  const head = config.head_dim ?? hidden / heads;
  const [queries, keys] = [heads * head, kvHeads * head];
  const inputs = options.fused
    ? [linear('self_attn.qkv_proj', hidden, queries + 2 * keys)]
    : [
        linear('self_attn.q_proj', hidden, queries),
        linear('self_attn.k_proj', hidden, keys),
        linear('self_attn.v_proj', hidden, keys),
      ];
  return {
    tensors: [
      ...inputs,
      linear('self_attn.o_proj', queries, hidden),
      ...(options.bias === 'none' ? [] : [uncheckedVector(queries + 2 * keys)]),
      ...(options.bias === 'all' ? [uncheckedVector(hidden)] : []),
      ...(options.qkNorm ? [vector('self_attn.q_norm', head), vector('self_attn.k_norm', head)] : []),
      ...(options.sinks ? [uncheckedVector(heads)] : []),
    ],
    kvElements: 2 * keys,
    kvHeads,
    width: queries,
  };
}

/**
 * Multi-head latent attention: DeepSeek-V2, arXiv 2405.04434, section 2.1. Only the compressed latent and the one
 * rotary key are cached, kv_lora_rank + qk_rope_head_dim a layer. The width is that of the heads as they are trained,
 * the mean of what q x k (nope + rope) and the weighting of v take; the absorbed form that decodes from the latent
 * computes more, so a bound made of this one stays a bound.
 */
export function latent(config: LanguageConfig): Attention {
  const hidden = needed(config, 'hidden_size');
  const heads = needed(config, 'num_attention_heads');
  const nope = needed(config, 'qk_nope_head_dim');
  const rope = needed(config, 'qk_rope_head_dim');
  const value = needed(config, 'v_head_dim');
  const rank = needed(config, 'kv_lora_rank');
  const queryRank = config.q_lora_rank;
  const queries = heads * (nope + rope);
  const biases = config.attention_bias ? (queryRank ?? 0) + rank + rope + hidden : 0;
  return {
    tensors: [
      ...(queryRank == null
        ? [linear('self_attn.q_proj', hidden, queries)]
        : [
            linear('self_attn.q_a_proj', hidden, queryRank),
            vector('self_attn.q_a_layernorm', queryRank),
            linear('self_attn.q_b_proj', queryRank, queries),
          ]),
      linear('self_attn.kv_a_proj_with_mqa', hidden, rank + rope),
      vector('self_attn.kv_a_layernorm', rank),
      linear('self_attn.kv_b_proj', rank, heads * (nope + value)),
      linear('self_attn.o_proj', heads * value, hidden),
      ...(biases > 0 ? [uncheckedVector(biases)] : []),
    ],
    kvElements: rank + rope,
    kvHeads: null,
    width: (heads * (nope + rope + value)) / 2,
  };
}
