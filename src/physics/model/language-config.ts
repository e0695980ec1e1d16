import { z } from 'zod';

/** No published model comes near these; a config.json beyond them is refused, as its tensors could not be listed. */
const MOST_LAYERS = 1024;
const MOST_EXPERTS = 4096;

const size = z.int().positive().nullish();
const flag = z.boolean().nullish();

/**
 * What a config.json says of its language model, under the names that transformers gives it. Everything may be missing:
 * each architecture asks for what it needs (`needed`).
 */
const LanguageConfig = z.object({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: z.int().positive().max(MOST_LAYERS).nullish(),
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size,
  tie_word_embeddings: flag,
  attention_bias: flag,
  mlp_bias: flag,
  use_qk_norm: flag,
  max_position_embeddings: size,
  // Latent attention (MLA)
  q_lora_rank: size,
  kv_lora_rank: size,
  qk_nope_head_dim: size,
  qk_rope_head_dim: size,
  v_head_dim: size,
  // Mixtures of experts
  n_routed_experts: z.int().positive().max(MOST_EXPERTS).nullish(),
  num_experts: z.int().positive().max(MOST_EXPERTS).nullish(),
  num_local_experts: z.int().positive().max(MOST_EXPERTS).nullish(),
  num_experts_per_tok: size,
  n_shared_experts: z.int().min(0).nullish(),
  moe_intermediate_size: size,
  shared_expert_intermediate_size: z.int().min(0).nullish(),
  first_k_dense_replace: z.int().min(0).nullish(),
  moe_layer_freq: size,
  topk_method: z.string().nullish(),
  decoder_sparse_step: size,
  mlp_only_layers: z.array(z.int()).nullish(),
  interleave_moe_layer_step: size,
  intermediate_size_mlp: size,
  // Layers that see a window only
  layer_types: z.array(z.string()).nullish(),
  sliding_window: size,
  use_sliding_window: flag,
  max_window_layers: z.int().min(0).nullish(),
  sliding_window_pattern: size,
  attention_chunk_size: size,
  // OPT and GPT-2 have words of their own
  ffn_dim: size,
  word_embed_proj_dim: size,
  do_layer_norm_before: flag,
  n_embd: size,
  n_head: size,
  n_layer: z.int().positive().max(MOST_LAYERS).nullish(),
  n_positions: size,
  n_inner: size,
});
export type LanguageConfig = z.output<typeof LanguageConfig>;

const Whole = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  tie_word_embeddings: flag,
  text_config: z.looseObject({}).nullish(),
});

/**
 * The part of a parsed config.json that describes the language model: its `text_config` when the model also sees or
 * hears. Null when it does not have the shape, or is no model that writes text.
 */
export function languageConfig(config: unknown): LanguageConfig | null {
  const whole = Whole.safeParse(config);
  if (!whole.success) return null;
  const { architectures, text_config, tie_word_embeddings } = whole.data;
  if (architectures?.some((name) => !/For(?:CausalLM|ConditionalGeneration)$|LMHeadModel$/.test(name))) return null;
  const language = LanguageConfig.safeParse(text_config ?? config);
  if (!language.success) return null;
  return { ...language.data, tie_word_embeddings: language.data.tie_word_embeddings ?? tie_word_embeddings };
}

/** Thrown when an architecture needs a number that its config.json lacks; caught where the size is asked for. */
export class NotInConfig extends Error {}

/** A number that an architecture cannot do without. */
export function needed(config: LanguageConfig, name: keyof LanguageConfig): number {
  const value = config[name];
  if (typeof value !== 'number') throw new NotInConfig(`config.json has no ${name}`);
  return value;
}
