import type { ModelSize } from '../schema/model-size.ts';
import type { Load } from './memory-traffic.ts';
import type { Physics } from './point.ts';
import { activeLinear } from './weights.ts';

/** FLOPs, apart for what runs at different speeds. */
export interface Flops {
  readonly linear: number;
  readonly attention: number;
}

/**
 * The FLOPs that a load needs: 2 for each weight that a token is multiplied with (Kaplan et al., 2020, Scaling Laws for
 * Neural Language Models, section 2.1), and 4 x attention width x context for scores and values of each token.
 *
 * A request computes its prompt tokens that are not cached, and its output tokens but the last, which nothing follows.
 * The output head is needed for output tokens only.
 */
export function flopsOf(size: ModelSize, load: Load): Flops {
  const decodes = Math.max(0, load.output_tokens - 1);
  const layers = activeLinear(size);
  const head = size.active_parameters - layers;
  const computed = load.prompt_tokens - load.cached_tokens + decodes;
  const contexts = sumTo(load.prompt_tokens) - load.cached_contexts + decodes * load.prompt_tokens + sumTo(decodes);
  return {
    linear: load.requests * 2 * (layers * computed + head * load.output_tokens),
    attention: load.requests * 4 * size.attention_width * contexts,
  };
}

/** The FLOPs of the prompts alone. */
export function prefillFlops(size: ModelSize, load: Load): Flops {
  return flopsOf(size, { ...load, output_tokens: 0 });
}

/** Seconds that all devices together need for them at their peak. */
export function secondsOf({ linear, attention }: Flops, { flops }: Physics): number {
  return linear / flops.linear + attention / flops.attention;
}

/** 1 + 2 + ... + n. */
export function sumTo(n: number): number {
  return (n * (n + 1)) / 2;
}
