import type { Bound } from '../schema/record.ts';
import { hitRateBound, type Workload } from '../schema/workload.ts';
import { flopsOf, prefillFlops, secondsOf, sumTo } from './arithmetic.ts';
import { kvBytesOverSteps } from './kv-cache.ts';
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
  const steps = Math.max(1, load.output_tokens - 1);
  const own = kvBytesOverSteps(physics.kv, load.prompt_tokens, steps, load.shared_tokens) / steps;
  const kv = batch * own + physics.kv.full * load.shared_tokens;
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
  /** Of each request, where the driver tells. */
  readonly cached_each: readonly (number | null)[] | null;
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
    ...cachedBy(workload, caching ? bestCached(workload) : 0),
    shared_tokens: caching ? workload.shared_len : 0,
  };
}

function measuredLoad(point: PointInput, run: MeasuredLoad): Load | null {
  const { requests, prompt_tokens, output_tokens, cached_tokens } = run;
  if (prompt_tokens === null || output_tokens === null || requests <= 0) return null;
  if (prompt_tokens <= 0 || output_tokens <= 0) return null;
  const asked = askedLoad(point);
  const prompt = prompt_tokens / requests;
  const cached = Math.min(prompt, cached_tokens === null ? asked.cached_tokens : cached_tokens / requests);
  return {
    requests,
    prompt_tokens: prompt,
    output_tokens: output_tokens / requests,
    ...(cachedEach(run.cached_each, prompt) ?? cachedBy(point.workload, cached)),
    shared_tokens: Math.min(prompt, asked.shared_tokens),
  };
}

type Cached = Pick<Load, 'cached_tokens' | 'cached_contexts'>;

/** Null when one request's is not known: the others would pass for all. */
function cachedEach(each: MeasuredLoad['cached_each'], prompt: number): Cached | null {
  const known = (each ?? []).flatMap((tokens) => (tokens === null ? [] : [Math.max(0, Math.min(prompt, tokens))]));
  if (known.length === 0 || known.length !== each?.length) return null;
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / known.length;
  return { cached_tokens: mean(known), cached_contexts: mean(known.map(sumTo)) };
}

/**
 * Of a mean alone: a request has either all of its shared tokens cached or none, as with a cold prefix that some pay
 * for. In no other way do these tokens save as much of attention.
 */
function cachedBy({ shared_len, prompt_len }: Workload, mean: number): Cached {
  const hit = Math.max(mean, Math.min(shared_len, prompt_len - 1));
  return { cached_tokens: mean, cached_contexts: hit === 0 ? 0 : (mean / hit) * sumTo(hit) };
}

/** Cached tokens of a prompt on the average, with blocks of one token: no block size gives more. */
function bestCached(workload: Workload): number {
  return hitRateBound(workload, 1) * workload.prompt_len;
}
