import type { EngineSettings } from '../schema/engine.ts';
import type { CheckpointFacts } from '../schema/facts.ts';
import type { ModelSize } from '../schema/model-size.ts';

/** Bytes that a token of context keeps in the KV cache, over all devices. */
export interface KvCache {
  /** Width of a number in it. */
  readonly bits: number;
  /** In layers that look back at the whole context. */
  readonly full: number;
  /** In layers that look back at `window` tokens. */
  readonly windowed: number;
  readonly window: number;
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
  };
}

/** Bytes that one decode step with this context reads, or that a request of this length holds at least. */
export function kvBytes({ full, windowed, window }: KvCache, context: number): number {
  return full * context + windowed * Math.min(context, window);
}

/** The same, summed over `steps` decode steps of which the first follows a context of `context` tokens. */
export function kvBytesOverSteps({ full, windowed, window }: KvCache, context: number, steps: number): number {
  const growing = Math.max(0, Math.min(steps, window - context));
  const inWindow = arithmeticSeries(context, growing) + (steps - growing) * window;
  return full * arithmeticSeries(context, steps) + windowed * inWindow;
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
