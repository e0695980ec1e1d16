import { z } from 'zod';

/**
 * What is asked of an engine at one point. Lengths are in tokens.
 *
 * `input_len` and `prefix_len` are the figures that the user wrote; `prompt_len` and `shared_len` are what they mean:
 * inclusive (default): a prompt has `input_len` tokens of which the first `prefix_len` are shared;
 * additive (vLLM's literal meaning): a prompt has `prefix_len + input_len` tokens.
 */
export const Workload = z.strictObject({
  input_len: z.int().min(1),
  output_len: z.int().min(1),
  prefix_len: z.int().min(0),
  prefix_mode: z.enum(['inclusive', 'additive']),
  prompt_len: z.int().min(1),
  shared_len: z.int().min(0),
  num_prefixes: z.int().min(1),
  num_prompts: z.int().min(1),
  /** warm: each prefix is sent once, unmeasured, before the measurement; cold: the first request of each pays for it. */
  prefix_state: z.enum(['warm', 'cold']),
  /** Requests of the same shape that are sent before the measurement and not measured. */
  warmups: z.int().min(0),
  seed: z.int(),
  /** offline-burst: every request is queued at once, so TTFT is mostly waiting. */
  load_shape: z.literal('offline-burst'),
});
export type Workload = z.output<typeof Workload>;

/**
 * The best prefix-cache hit rate that this workload allows: cached tokens / prompt tokens over all requests.
 *
 * The cache holds whole blocks of `blockSize` tokens, and the last token of a prompt is always computed
 * (vLLM caps a hit at prompt_len - 1 tokens). When the prefix is cold, the first request of each prefix misses.
 */
export function hitRateBound(workload: Workload, blockSize: number): number {
  const cachedTokens = Math.floor(Math.min(workload.shared_len, workload.prompt_len - 1) / blockSize) * blockSize;
  const prefixes = Math.min(workload.num_prefixes, workload.num_prompts);
  const hitting = workload.prefix_state === 'warm' ? workload.num_prompts : workload.num_prompts - prefixes;
  return (cachedTokens * hitting) / (workload.prompt_len * workload.num_prompts);
}
