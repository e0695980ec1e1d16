import type { EngineReport, EngineSettings } from '../schema/engine.ts';
import type { CheckpointFacts, DeviceFacts } from '../schema/facts.ts';
import type { AcceleratorSpec } from '../schema/hardware.ts';
import type { ModelSize } from '../schema/model-size.ts';
import type { Precision } from '../schema/precision.ts';
import type { Workload } from '../schema/workload.ts';
import { type KvCache, kvCacheOf, mostKvTokens } from './kv-cache.ts';
import { peakFlops } from './peak.ts';
import { type WeightBytes, weightBytes } from './weights.ts';

/** A point, and what was known of its checkpoint and its devices; the engine's own report where there is one. */
export interface PointInput {
  readonly engine: EngineSettings;
  readonly workload: Workload;
  readonly precision: Precision;
  readonly checkpoint: CheckpointFacts | null;
  readonly devices: DeviceFacts | null;
  readonly report: EngineReport | null;
}

/** Everything that a limit is made of. Bandwidth and FLOP/s are of all devices of the engine together. */
export interface Physics {
  readonly accelerator: AcceleratorSpec;
  /** Devices as vLLM counts them: TP x PP. */
  readonly devices: number;
  readonly pipeline_parallel_size: number;
  readonly bandwidth_bytes_per_s: number;
  /** Of linear layers, and of attention. */
  readonly flops: { readonly linear: number; readonly attention: number };
  readonly size: ModelSize;
  readonly weights: WeightBytes;
  readonly kv: KvCache;
  /** Requests that can be in one step as far as the scheduler allows; null: as many as there are. */
  readonly max_num_seqs: number | null;
  /** Tokens that the KV cache holds at most; null where that is not known. */
  readonly kv_cache_tokens: number | null;
}

/** Why no limit can be computed. */
export interface NoBound {
  readonly unknown: string;
}

export function isNoBound<T extends object>(result: T | NoBound): result is NoBound {
  return 'unknown' in result;
}

/** What physics says of a point's devices and model, or what is not known of them. */
export function physicsOf(point: PointInput): Physics | NoBound {
  const { engine, precision, checkpoint, devices: facts, report } = point;
  const accelerator = facts?.accelerator ?? null;
  if (accelerator === null) return { unknown: noAccelerator(facts) };
  const changed = CHANGES.find(([flag]) =>
    engine.extra_args.some((word) => word.replaceAll('_', '-').startsWith(flag)),
  );
  if (changed !== undefined) return { unknown: `no bound: ${changed[1]}` };
  const size = checkpoint?.size ?? null;
  if (checkpoint === null || size === null) return { unknown: noSize(engine) };
  const weights = weightBytes(checkpoint, precision);
  if (weights === null) return { unknown: 'no bound: the number format of the weights is not known' };
  const kvDtype = report?.kv_cache_dtype ?? null;
  const kv = kvCacheOf(size, engine, checkpoint, kvDtype);
  if (kv === null)
    return { unknown: `no bound: the size of KV cache dtype ${kvDtype ?? engine.kv_cache_dtype} is not known` };
  const devices = engine.tensor_parallel_size * engine.pipeline_parallel_size;
  const flops = peakFlops(accelerator, precision, kv.bits);
  if (flops === null) return { unknown: `no bound: no FLOP/s are known of ${accelerator.label}` };
  return {
    accelerator,
    devices,
    pipeline_parallel_size: engine.pipeline_parallel_size,
    bandwidth_bytes_per_s: devices * accelerator.memory_bandwidth_bytes_per_s.value,
    flops: { linear: devices * flops.linear, attention: devices * flops.attention },
    size,
    weights,
    kv,
    max_num_seqs: engine.max_num_seqs ?? report?.max_num_seqs ?? null,
    kv_cache_tokens: mostKvTokens(size, report),
  };
}

const SPECULATIVE = 'speculative decoding makes several tokens of one reading of the weights';

/** Flags after which the model, its steps or its devices are others than they are taken for. */
const CHANGES: readonly (readonly [string, string])[] = [
  // Python's argparse takes --speculative-config in any abbreviation that is no other flag's (--specialize-...).
  ['--specu', SPECULATIVE],
  ['--spec-', SPECULATIVE],
  ['-sc', SPECULATIVE],
  ['--data-parallel', 'data parallelism takes more devices than tensor and pipeline parallelism'],
  ['-dp', 'data parallelism takes more devices than tensor and pipeline parallelism'],
  ['--prefill-context-parallel', 'context parallelism takes more devices than tensor and pipeline parallelism'],
  ['-pcp', 'context parallelism takes more devices than tensor and pipeline parallelism'],
  ['--hf-overrides', 'the flag --hf-overrides makes it another model'],
  ['--hf-config-path', 'the flag --hf-config-path makes it another model'],
];

function noAccelerator(facts: DeviceFacts | null): string {
  if (facts === null) return 'no bound: nothing is known of the device';
  return `no bound: this device (${facts.name}) is not in the table; orchestrate hardware shows it`;
}

function noSize({ checkpoint, model }: EngineSettings): string {
  return `no bound: the size of ${checkpoint ?? model} is not known (no config.json at hand, or an unknown architecture)`;
}
