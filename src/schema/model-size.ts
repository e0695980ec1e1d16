import { z } from 'zod';

/**
 * How large a model is, counted from its config.json and proven by its safetensors headers where they are at hand.
 * Counts are of parameters as trained, before any quantization; scales and zero points are none.
 */
export const ModelSize = z.strictObject({
  /** Every parameter; a tied output head counts once. */
  parameters: z.number().positive(),
  /** Parameters that one token is multiplied with: of a mixture of experts only the experts that it is routed to. */
  active_parameters: z.number().positive(),
  /** Input embedding and output head, which quantization leaves as they are. */
  embedding_parameters: z.number().min(0),
  /** Weights of linear layers and experts: what quantization can reach. */
  linear_parameters: z.number().min(0),
  /** The part of linear_parameters that belongs to routed experts; 0 for a dense model. */
  expert_parameters: z.number().min(0),
  layers: z.int().min(1),
  /** KV heads of a layer, which tensor parallelism spreads over devices; absent for MLA, whose latent every device keeps. */
  kv_heads: z.int().min(1).optional(),
  /** Elements that one token of context keeps in the KV cache, over all layers: 2 x KV heads x head size each, or the MLA latent. */
  kv_elements_per_token: z.number().min(0),
  /** Experts of a layer and how many of them a token is routed to; null for a dense model. */
  experts: z.strictObject({ total: z.int().min(1), per_token: z.int().min(1) }).nullable(),
  /** Hidden size x layers of full attention: 4 x this x context is the FLOPs of attention for one token. */
  attention_width: z.number().min(0),
  /**
   * The part of kv_elements_per_token whose layers look back at a window only, and its length: of a longer context no
   * more than `tokens` are read there. `chunked`: at what lies in the chunk of that length which the token is in.
   * Absent for a model without such layers.
   */
  windowed: z
    .strictObject({
      kv_elements_per_token: z.number().positive(),
      tokens: z.int().min(1),
      chunked: z.literal(true).optional(),
    })
    .optional(),
});
export type ModelSize = z.output<typeof ModelSize>;
