import type { ModelSize } from '../../src/schema/model-size.ts';

/** An engine that loses nothing: each step takes exactly what its bytes or its FLOPs need, whichever is more. */
export interface IdealEngine {
  readonly size: ModelSize;
  readonly bytes_per_weight: number;
  readonly bytes_per_kv_element: number;
  readonly bandwidth: number;
  readonly flops: number;
  /** Requests in a step. */
  readonly max_num_seqs: number;
  /** Tokens of context in the KV cache at once. */
  readonly kv_cache_tokens: number;
}

/** Seconds for these requests, all queued at once; prompts are computed whole, in steps that also decode. */
export function secondsFor(engine: IdealEngine, prompt: number, outputs: number, requests: number): number {
  let seconds = 0;
  let waiting = requests;
  let running: number[] = [];
  while (waiting > 0 || running.length > 0) {
    const room = Math.floor(engine.kv_cache_tokens / (prompt + outputs)) - running.length;
    const started = Math.max(0, Math.min(waiting, engine.max_num_seqs - running.length, room));
    waiting -= started;
    seconds += stepSeconds(engine, prompt, running, started);
    running = [...running.map((made) => made + 1), ...Array.from({ length: started }, () => 1)];
    running = running.filter((made) => made < outputs);
  }
  return seconds;
}

/** `running`: tokens that each decoding request has made; the next follows prompt + made tokens and reads them. */
function stepSeconds(engine: IdealEngine, prompt: number, running: readonly number[], started: number): number {
  const { size, bytes_per_weight, bytes_per_kv_element, bandwidth, flops } = engine;
  const contexts = running.map((made) => prompt + made);
  const read = contexts.reduce((sum, tokens) => sum + elementsSeen(size, tokens), 0) * bytes_per_kv_element;
  const bytes = size.linear_parameters * bytes_per_weight + read;
  const tokens = running.length + started * prompt;
  const attended = contexts.reduce((sum, length) => sum + length, 0) + (started * prompt * (prompt + 1)) / 2;
  const work = 2 * size.linear_parameters * tokens + 4 * size.attention_width * attended;
  return Math.max(bytes / bandwidth, work / flops);
}

/** Elements of KV cache that a token at place `context` (from 1) looks at: the last window, or its own chunk so far. */
function elementsSeen({ kv_elements_per_token, windowed }: ModelSize, context: number): number {
  if (windowed === undefined) return context * kv_elements_per_token;
  const place = ((context - 1) % windowed.tokens) + 1;
  const seen = windowed.chunked ? place : Math.min(context, windowed.tokens);
  const full = kv_elements_per_token - windowed.kv_elements_per_token;
  return context * full + seen * windowed.kv_elements_per_token;
}
