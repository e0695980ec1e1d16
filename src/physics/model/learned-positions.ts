import { type LanguageConfig, needed } from './language-config.ts';
import {
  embeddings,
  type Layer,
  linear,
  lookup,
  type ModelParts,
  type Tensor,
  uncheckedVector,
  vector,
} from './parts.ts';

/** The older decoders with learned positions, layer norms with biases and a feed-forward part without a gate. */
export function learnedPositions(config: LanguageConfig): ModelParts | null {
  if (config.model_type === 'gpt2') return gpt2(config);
  if (config.model_type === 'opt') return opt(config);
  return null;
}

/** Radford et al. 2019; names as in its checkpoint: c_attn is q, k and v, c_proj an output. */
function gpt2(config: LanguageConfig): ModelParts {
  const hidden = needed(config, 'n_embd');
  const inner = config.n_inner ?? 4 * hidden;
  const tensors = [
    layerNorm('ln_1', hidden),
    biased('attn.c_attn', hidden, 3 * hidden),
    biased('attn.c_proj', hidden, hidden),
    layerNorm('ln_2', hidden),
    biased('mlp.c_fc', hidden, inner),
    biased('mlp.c_proj', inner, hidden),
  ].flat();
  return {
    top: [
      ...embeddings('wte', needed(config, 'vocab_size'), hidden, config.tie_word_embeddings ?? true),
      lookup('wpe', needed(config, 'n_positions'), hidden),
      ...layerNorm('ln_f', hidden),
    ],
    layers: Array(needed(config, 'n_layer')).fill(fullAttention(tensors, hidden, needed(config, 'n_head'))),
    experts: null,
  };
}

/**
 * Zhang et al. 2022, arXiv 2205.01068. The two sizes with another shape (350m: norms last, a projection) are not known.
 */
function opt(config: LanguageConfig): ModelParts | null {
  const hidden = needed(config, 'hidden_size');
  const inner = needed(config, 'ffn_dim');
  if (config.do_layer_norm_before === false || (config.word_embed_proj_dim ?? hidden) !== hidden) return null;
  const tensors = [
    layerNorm('self_attn_layer_norm', hidden),
    ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((name) => biased(`self_attn.${name}`, hidden, hidden)),
    layerNorm('final_layer_norm', hidden),
    biased('fc1', hidden, inner),
    biased('fc2', inner, hidden),
  ].flat();
  return {
    top: [
      ...embeddings('embed_tokens', needed(config, 'vocab_size'), hidden, config.tie_word_embeddings ?? true),
      // Two rows are reserved before the first position.
      lookup('embed_positions', needed(config, 'max_position_embeddings') + 2, hidden),
      ...layerNorm('final_layer_norm', hidden),
    ],
    layers: Array(needed(config, 'num_hidden_layers')).fill(
      fullAttention(tensors, hidden, needed(config, 'num_attention_heads')),
    ),
    experts: null,
  };
}

function fullAttention(tensors: readonly Tensor[], hidden: number, heads: number): Layer {
  return { tensors, kvElements: 2 * hidden, kvHeads: heads, attentionWidth: hidden, window: null };
}

function layerNorm(module: string, width: number): Tensor[] {
  return [vector(module, width), uncheckedVector(width)];
}

function biased(module: string, inputs: number, outputs: number): Tensor[] {
  return [linear(module, inputs, outputs), uncheckedVector(outputs)];
}
