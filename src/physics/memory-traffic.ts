import { kvBytesOverSteps } from './kv-cache.ts';
import type { Physics } from './point.ts';

/** What a run, or a point as it was asked for, puts through an engine; tokens are means over its requests. */
export interface Load {
  readonly requests: number;
  readonly prompt_tokens: number;
  readonly output_tokens: number;
  /** Prompt tokens whose keys and values were there already. */
  readonly cached_tokens: number;
  /** 1 + 2 + ... + cached tokens: what those would have looked back at. Not that of the mean, since it is a square. */
  readonly cached_contexts: number;
  /** Tokens that every request begins with and that lie in the KV cache once; 0 with prefix caching off. */
  readonly shared_tokens: number;
}

/**
 * How many experts of a layer a step is taken to touch. `expected`: those that tokens meet which are routed evenly.
 * `fewest`: as few as one token needs, which no step can go below, however uneven the routing.
 */
export type Routing = 'expected' | 'fewest';

/**
 * Requests that are in a step at most, as a mean over the run: all of them, as many as the scheduler takes, or as many
 * as the KV cache holds. The i-th of n - 1 decode steps of a request holds prompt + i tokens, (n - 1) x (prompt + n / 2)
 * in all, and its prefill, one of its n steps, may hold less. Over a run no more than steps x capacity can be held, so
 * requests x n / steps is at most capacity x n / ((n - 1) x (prompt + n / 2)).
 */
export function batchOf({ max_num_seqs, kv_cache_tokens }: Physics, load: Load): number {
  const { requests, output_tokens: outputs, shared_tokens: shared } = load;
  const held = (Math.max(0, outputs - 1) / outputs) * (load.prompt_tokens - shared + outputs / 2);
  const room = kv_cache_tokens === null || held === 0 ? requests : (kv_cache_tokens - shared) / held;
  return Math.max(1, Math.min(requests, max_num_seqs ?? requests, room));
}

/**
 * Bytes of weights that a step of `batch` requests reads, of all stages of a pipeline.
 *
 * Every linear layer and the output head are read once; of an input embedding of its own a step reads a few rows.
 *
 * A pipeline of PP stages is busy only with PP batches on their way, and each of them reads all weights. A request's
 * next token waits for all stages, so a round of one token for everybody takes at least
 * (W + batch/PP x kv) / (TP x BW) = (PP x W + batch x kv) / (devices x BW): as if the weights were read PP times.
 */
export function weightBytesPerStep(physics: Physics, batch: number, routing: Routing): number {
  const { weights, pipeline_parallel_size: stages } = physics;
  const dense = weights.held - weights.experts - weights.lookup;
  return stages * (dense + weights.experts * touchedShare(physics, Math.max(1, batch / stages), routing));
}

/**
 * Share of the experts of a layer that `tokens` tokens touch, each routed to k of E: 1 - (1 - k/E)^tokens by the
 * linearity of expectation, for even routing and independent tokens.
 */
function touchedShare({ size: { experts } }: Physics, tokens: number, routing: Routing): number {
  if (experts === null) return 1;
  const one = Math.min(1, experts.per_token / experts.total);
  return routing === 'fewest' ? one : 1 - (1 - one) ** tokens;
}

/**
 * The least that a run must read from memory: its steps times the weights, and for each output token after the first
 * the keys and values of its context.
 *
 * Each request takes part in `output_tokens` steps, its prefill in one of them, and a step has room for `batch`:
 * requests x output_tokens / batch steps at least. The i-th decode step reads prompt + i tokens of KV cache, so a
 * request reads (n - 1) x prompt + n (n - 1) / 2 with n output tokens. What is shared can be read once for all requests
 * of a step (cascade attention). Reading the KV cache in prefill, writing it and activations are left out.
 */
export function leastBytes(physics: Physics, load: Load, routing: Routing): number {
  const { requests, output_tokens: outputs, shared_tokens: shared } = load;
  const batch = batchOf(physics, load);
  const steps = (requests * outputs) / batch;
  const decodes = Math.max(0, outputs - 1);
  const own = requests * kvBytesOverSteps(physics.kv, load.prompt_tokens, decodes, shared);
  const together = ((requests * decodes) / batch) * physics.kv.full * shared;
  return steps * weightBytesPerStep(physics, batch, routing) + own + together;
}
