import { z } from 'zod';
import { jsonOf } from './json.ts';
import type { Unreadable } from './parser.ts';

/** Within what any clock and any device can give, so that no rate made from it is infinite. */
const rate = z.number().min(1e-6).max(1e15);

/**
 * What `vllm bench throughput --output-json FILE` writes, the same five keys in every version; `model_id` from 0.31.0.
 * No version writes the output tokens: they are on stdout only.
 */
export const ThroughputJson = z.object({
  elapsed_time: rate,
  num_requests: z.int().min(1),
  total_num_tokens: z.int().min(1),
  requests_per_second: rate,
  /** Total tokens, prompt and output. */
  tokens_per_second: rate,
  model_id: z.string().optional(),
});
export type ThroughputJson = z.output<typeof ThroughputJson>;

export function parseThroughputJson(text: string): ThroughputJson | Unreadable {
  return jsonOf(text, ThroughputJson);
}
