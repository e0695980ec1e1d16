import { gated, routed } from './feed-forward.ts';
import { type LanguageConfig, needed } from './language-config.ts';
import { linear, type Tensor, uncheckedVector } from './parts.ts';

/** The feed-forward part of one layer, counted from 0. */
export type FeedForward = (config: LanguageConfig, layer: number) => readonly Tensor[];

const GATED_NAMES = ['gate_proj', 'up_proj', 'down_proj'] as const;

/** A dense gated layer, as in Llama. */
export const dense: FeedForward = (config) =>
  gated('mlp', needed(config, 'hidden_size'), needed(config, 'intermediate_size'), config.mlp_bias === true);

export const mixtral: FeedForward = (config) =>
  routed({
    module: 'block_sparse_moe.experts',
    router: 'block_sparse_moe.gate',
    names: ['w1', 'w3', 'w2'],
    hidden: needed(config, 'hidden_size'),
    inner: needed(config, 'intermediate_size'),
    total: needed(config, 'num_local_experts'),
    perToken: needed(config, 'num_experts_per_tok'),
  });

/** Qwen2-MoE and Qwen3-MoE: some layers may be dense; Qwen2 has a shared expert with a gate of its own. */
export const qwen: FeedForward = (config, layer) => {
  const step = config.decoder_sparse_step ?? 1;
  if (config.mlp_only_layers?.includes(layer) || (layer + 1) % step !== 0) return dense(config, layer);
  const hidden = needed(config, 'hidden_size');
  const shared = config.model_type === 'qwen2_moe' ? needed(config, 'shared_expert_intermediate_size') : 0;
  return [
    ...routed({
      module: 'mlp.experts',
      router: 'mlp.gate',
      names: GATED_NAMES,
      hidden,
      inner: needed(config, 'moe_intermediate_size'),
      total: needed(config, 'num_experts'),
      perToken: needed(config, 'num_experts_per_tok'),
    }),
    ...(shared === 0 ? [] : [...gated('mlp.shared_expert', hidden, shared), uncheckedVector(hidden)]),
  ];
};

/** DeepSeek-V2 and V3, Kimi K2, GLM-4.5 to 4.7: the first layers are dense, shared experts see every token. */
export const deepseek: FeedForward = (config, layer) => {
  const sparse = layer >= (config.first_k_dense_replace ?? 0) && layer % (config.moe_layer_freq ?? 1) === 0;
  if (!sparse) return dense(config, layer);
  const hidden = needed(config, 'hidden_size');
  const inner = needed(config, 'moe_intermediate_size');
  const total = needed(config, 'n_routed_experts');
  const shared = (config.n_shared_experts ?? 0) * inner;
  return [
    ...routed({
      module: 'mlp.experts',
      router: 'mlp.gate',
      names: GATED_NAMES,
      hidden,
      inner,
      total,
      perToken: needed(config, 'num_experts_per_tok'),
    }),
    ...(shared === 0 ? [] : gated('mlp.shared_experts', hidden, shared)),
    ...(config.topk_method === 'noaux_tc' ? [uncheckedVector(total)] : []),
  ];
};

/** All experts of a layer lie in one tensor each way, and have biases. */
export const gptOss: FeedForward = (config) => {
  const hidden = needed(config, 'hidden_size');
  const inner = needed(config, 'intermediate_size');
  const total = needed(config, 'num_local_experts');
  const used = needed(config, 'num_experts_per_tok');
  return [
    { ...linear('mlp.router', hidden, total), kind: 'other' },
    uncheckedVector(total),
    ...together('mlp.experts', hidden, inner, total, used),
    { ...uncheckedVector(2 * inner + hidden), copies: total, used },
  ];
};

/** Every layer, or every other one, is a mixture with one shared expert. */
export const llama4: FeedForward = (config, layer) => {
  const hidden = needed(config, 'hidden_size');
  const step = needed(config, 'interleave_moe_layer_step');
  if ((layer + 1) % step !== 0) return gated('feed_forward', hidden, needed(config, 'intermediate_size_mlp'));
  const inner = needed(config, 'intermediate_size');
  const total = needed(config, 'num_local_experts');
  return [
    { ...linear('feed_forward.router', hidden, total), kind: 'other' },
    ...together('feed_forward.experts', hidden, inner, total, needed(config, 'num_experts_per_tok')),
    ...gated('feed_forward.shared_expert', hidden, inner),
  ];
};

/** Experts that are stored as one tensor for gate and up, and one for down. */
function together(module: string, hidden: number, inner: number, copies: number, used: number): Tensor[] {
  return [
    { module: `${module}.gate_up_proj`, kind: 'expert', elements: 2 * hidden * inner, copies, used },
    { module: `${module}.down_proj`, kind: 'expert', elements: inner * hidden, copies, used },
  ];
}
