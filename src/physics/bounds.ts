import type { Bound } from '../schema/record.ts';
import { hitRateBound, type Workload } from '../schema/workload.ts';
import { flopsOf, prefillFlops, secondsOf } from './arithmetic.ts';
import { kvBytes } from './kv-cache.ts';
import { batchOf, type Load, leastBytes, type Routing, weightBytesPerStep } from './memory-traffic.ts';
import { isNoBound, type NoBound, type PointInput, physicsOf } from './point.ts';

/**
 * The limits of a point: output tokens/s of its decode steps, and prompt tokens/s of its prefill.
 *
 *     decode_tps  = batch x bandwidth / (weights + KV bytes x (batch x own context + shared context))
 *     prefill_tps = prompt tokens / seconds that the FLOPs of the uncached ones need at peak
 */
export function boundOf(point: PointInput): Bound | NoBound {
  const physics = physicsOf(point);
  if (isNoBound(physics)) return physics;
  const load = askedLoad(point);
  const batch = batchOf(physics, load);
  const own = load.prompt_tokens - load.shared_tokens + load.output_tokens / 2;
  const kv = batch * kvBytes(physics.kv, own) + physics.kv.full * load.shared_tokens;
  const step = weightBytesPerStep(physics, batch, 'expected') + kv;
  const prefill = secondsOf(prefillFlops(physics.size, load), physics);
  return {
    accelerator: physics.accelerator.label,
    devices: physics.devices,
    chips: physics.devices / physics.accelerator.devices_per_chip,
    decode_tps: (batch * physics.bandwidth_bytes_per_s) / step,
    prefill_tps: (load.requests * load.prompt_tokens) / prefill,
    batch,
  };
}

/** What was measured: tokens over all requests. Null where the driver does not tell. */
export interface MeasuredLoad {
  readonly requests: number;
  readonly prompt_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly elapsed_s: number | null;
}

export interface Utilization {
  /** Share of the memory bandwidth that the least reading took; above 1 is impossible with `fewest`. */
  readonly mbu: number;
  /** Share of the arithmetic that the model's FLOPs took; above 1 is impossible. */
  readonly mfu: number;
}

/**
 * Which share of bandwidth and arithmetic a run used, were it as frugal as possible. Prefill is bound by arithmetic and
 * decode by memory, and an engine that does both at once (chunked prefill) overlaps them: so each share is of the whole
 * run, and a correct engine stays below 1 in both.
 */
export function utilizationOf(point: PointInput, run: MeasuredLoad, routing: Routing): Utilization | NoBound {
  const physics = physicsOf(point);
  if (isNoBound(physics)) return physics;
  const load = measuredLoad(point, run);
  if (load === null) return { unknown: 'no bound: the driver does not tell prompt and output tokens' };
  const { elapsed_s } = run;
  if (elapsed_s === null || !(elapsed_s > 0)) return { unknown: 'no bound: no elapsed time' };
  return {
    mbu: leastBytes(physics, load, routing) / physics.bandwidth_bytes_per_s / elapsed_s,
    mfu: secondsOf(flopsOf(physics.size, load), physics) / elapsed_s,
  };
}

/** The load that a workload asks for, with the best that the prefix cache can do. */
function askedLoad({ workload, engine }: PointInput): Load {
  const caching = engine.enable_prefix_caching;
  return {
    requests: workload.num_prompts,
    prompt_tokens: workload.prompt_len,
    output_tokens: workload.output_len,
    cached_tokens: caching ? bestCached(workload) : 0,
    shared_tokens: caching ? workload.shared_len : 0,
  };
}

function measuredLoad(point: PointInput, run: MeasuredLoad): Load | null {
  const { requests, prompt_tokens, output_tokens, cached_tokens } = run;
  if (prompt_tokens === null || output_tokens === null || requests <= 0) return null;
  if (prompt_tokens <= 0 || output_tokens <= 0) return null;
  const asked = askedLoad(point);
  const prompt = prompt_tokens / requests;
  return {
    requests,
    prompt_tokens: prompt,
    output_tokens: output_tokens / requests,
    cached_tokens: Math.min(prompt, cached_tokens === null ? asked.cached_tokens : cached_tokens / requests),
    shared_tokens: Math.min(prompt, asked.shared_tokens),
  };
}

/** Cached tokens of a prompt on the average, with blocks of one token: no block size gives more. */
function bestCached(workload: Workload): number {
  return hitRateBound(workload, 1) * workload.prompt_len;
}
