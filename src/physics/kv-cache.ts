import type { EngineReport, EngineSettings } from '../schema/engine.ts';
import type { CheckpointFacts } from '../schema/facts.ts';
import type { ModelSize } from '../schema/model-size.ts';

/** Bytes that a token of context keeps in the KV cache, over all devices. */
export interface KvCache {
  /** Width of a number in it. */
  readonly bits: number;
  /** In layers that look back at the whole context. */
  readonly full: number;
  /** In layers that look back at `window` tokens, or at their chunk of that length. */
  readonly windowed: number;
  readonly window: number;
  readonly chunked: boolean;
}

/**
 * Null when the dtype of the cache is one of unknown width. `told` is what the engine says it is, where it does; scales
 * beside the values are not counted.
 */
export function kvCacheOf(
  size: ModelSize,
  engine: EngineSettings,
  checkpoint: CheckpointFacts | null,
  told: string | null = null,
): KvCache | null {
  const bits = kvBits((told ?? engine.kv_cache_dtype ?? checkpoint?.quantization?.kv_cache ?? 'auto').toLowerCase());
  if (bits === null) return null;
  const windowed = size.windowed?.kv_elements_per_token ?? 0;
  return {
    bits,
    full: ((size.kv_elements_per_token - windowed) * bits) / 8,
    windowed: (windowed * bits) / 8,
    window: size.windowed?.tokens ?? 0,
    chunked: size.windowed?.chunked ?? false,
  };
}

/** What an engine tells of the room in its KV cache; null where it does not. */
export type KvRoom = Pick<EngineReport, 'kv_cache_tokens' | 'block_size' | 'max_model_len'>;

/** The largest block that vLLM takes by itself where all layers look back at everything: that of a CPU. */
const LARGEST_BLOCK = 128;

/**
 * Tokens that the KV cache holds at most, whatever the lengths of its requests; null where that is not known.
 *
 * vLLM (0.24 on) tells how many requests of max_model_len there is room for, times max_model_len. Each holds whole
 * blocks, so requests that end with a block together hold more: up to what is left of the last block of each. And of a
 * layer with a window it counts the window and all tokens of a step, while a request that decodes holds the window: for
 * a model with such layers the figure limits nothing.
 */
export function mostKvTokens(size: ModelSize | null, room: KvRoom | null): number | null {
  if (size === null || size.windowed !== undefined || room === null || room.kv_cache_tokens === null) return null;
  const { kv_cache_tokens, block_size, max_model_len } = room;
  if (max_model_len === null || max_model_len <= 0) return kv_cache_tokens;
  const block = block_size === null || block_size <= 0 ? LARGEST_BLOCK : block_size;
  return Math.ceil((kv_cache_tokens * Math.ceil(max_model_len / block) * block) / max_model_len);
}

/** Bytes that a request of this length holds at least; with chunks, those that it fills before it drops the first. */
export function kvBytes({ full, windowed, window }: KvCache, context: number): number {
  return full * context + windowed * Math.min(context, window);
}

/**
 * Bytes that a request's `steps` decode steps read beyond its first `shared` tokens; the first follows a context of
 * `context` tokens, the shared ones among them.
 */
export function kvBytesOverSteps(kv: KvCache, context: number, steps: number, shared: number): number {
  const seen = kv.chunked ? seenInChunks : seenInWindow;
  const own = arithmeticSeries(context - shared, steps);
  return kv.full * own + kv.windowed * seen(kv.window, context, steps, shared);
}

/** A request's own tokens are its last: as many of them are in the window as fit. */
function seenInWindow(window: number, context: number, steps: number, shared: number): number {
  const growing = Math.max(0, Math.min(steps, window - (context - shared)));
  return arithmeticSeries(context - shared, growing) + (steps - growing) * window;
}

/** A step sees the tokens since the last multiple of `chunk`; in the chunk that the shared ones end in, since those. */
function seenInChunks(chunk: number, context: number, steps: number, shared: number): number {
  const sharedChunksEnd = Math.ceil(shared / chunk) * chunk;
  const beside = Math.max(0, Math.min(steps, sharedChunksEnd - context));
  return (
    arithmeticSeries(context - shared, beside) +
    placesInChunks(chunk, context + steps) -
    placesInChunks(chunk, context + beside)
  );
}

/** The places of the first n tokens in their chunks, summed: 1 + 2 + ... + chunk, and again from 1. */
function placesInChunks(chunk: number, n: number): number {
  return Math.floor(n / chunk) * arithmeticSeries(0, chunk) + arithmeticSeries(0, n % chunk);
}

/** (start + 1) + (start + 2) + ... + (start + terms). */
function arithmeticSeries(start: number, terms: number): number {
  return terms * start + (terms * (terms + 1)) / 2;
}

/** Values of --kv-cache-dtype by their names; `auto` is the dtype of the model. */
function kvBits(dtype: string): number | null {
  if (dtype === 'auto' || /^(?:bfloat16|bf16|float16|fp16|half)$/.test(dtype)) return 16;
  if (/^(?:float|float32|fp32)$/.test(dtype)) return 32;
  // Of mixed formats (turboquant_k8v4) the smaller part; nvfp4 is 4 bits at best, a vLLM that pads it to 8 reads more.
  if (/3bit|k3/.test(dtype)) return 3;
  if (/fp4|int4|4bit|v4/.test(dtype)) return 4;
  return /fp8|int8|float8/.test(dtype) ? 8 : null;
}
