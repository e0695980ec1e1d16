import type { EngineSettings } from '../schema/engine.ts';
import type { CheckpointFacts, DeviceFacts } from '../schema/facts.ts';
import type { Precision } from '../schema/precision.ts';
import type { Workload } from '../schema/workload.ts';
import { kvBytes, kvCacheOf } from './kv-cache.ts';
import { weightBytes } from './weights.ts';

/** One point, and what is known of its checkpoint and of the devices that it would run on. */
export interface MemoryInput {
  readonly engine: EngineSettings;
  readonly workload: Workload;
  readonly precision: Precision;
  /** Of `engine.checkpoint ?? engine.model`. */
  readonly checkpoint: CheckpointFacts | null;
  readonly devices: DeviceFacts | null;
}

/**
 * Why weights and the KV cache of one request cannot fit into a device's memory, and the smallest tensor_parallel_size
 * that would do; null when they can, or when the size of the model or of the memory is not known.
 *
 * Counted is the least that must be there: weights without scales, spread evenly over TP x PP devices, and no
 * activations. A point that passes can still fail in vLLM; one that is refused cannot run.
 */
export function memoryProblem(input: MemoryInput): string | null {
  const { engine, precision, checkpoint, devices } = input;
  if (devices === null || checkpoint?.size == null || MOVES_MEMORY.some((flag) => hasFlag(engine, flag))) return null;
  const memory = devices.memory_bytes ?? devices.accelerator?.memory_bytes.value ?? null;
  const weights = weightBytes(checkpoint, precision)?.held ?? null;
  if (memory === null || weights === null) return null;
  const cache = kvCacheOf(checkpoint.size, engine, checkpoint);
  const kv = cache === null ? 0 : kvBytes(cache, contextOf(input));
  const needs = `${gib(weights)} of weights and ${gib(kv)} of KV cache for one request`;
  if (devices.kind === 'cpu') {
    return weights + kv <= memory ? null : `needs ${needs}; this host has ${gib(memory)} of memory`;
  }
  const usable = hasFlag(engine, '--kv-cache-memory-bytes') ? memory : memory * engine.gpu_memory_utilization;
  const parts = engine.tensor_parallel_size * engine.pipeline_parallel_size;
  if ((weights + kv) / parts <= usable) return null;
  const devicesUsed = parts === 1 ? 'a device' : `${parts} devices`;
  return (
    `needs at least ${needs} on ${devicesUsed}, which ${parts === 1 ? 'has' : 'have'} ${gib(usable * parts)} for them ` +
    `(gpu_memory_utilization ${engine.gpu_memory_utilization} of ${gib(memory)} each); ` +
    whatWouldDo((weights + kv) / engine.pipeline_parallel_size / usable, checkpoint, devices, engine)
  );
}

/**
 * Flags after which the sum is another: parts of the model lie elsewhere, on more devices than TP x PP, or it is another
 * model.
 */
const MOVES_MEMORY = [
  ...['--cpu-offload-gb', '--offload-backend', '--hf-overrides', '--hf-config-path'],
  ...['--prefill-context-parallel-size', '-pcp'],
];

function hasFlag({ extra_args }: EngineSettings, flag: string): boolean {
  return extra_args.some((word) => word.replaceAll('_', '-').split('=')[0] === flag);
}

/** vLLM wants room for one request of max_model_len; a derived one is no longer than the longest point needs. */
function contextOf({ engine, workload }: MemoryInput): number {
  return engine.max_model_len ?? workload.prompt_len + workload.output_len;
}

/** `least`: devices in a tensor parallel group that would be enough, were they divisible. */
function whatWouldDo(
  least: number,
  { num_attention_heads: heads }: CheckpointFacts,
  devices: DeviceFacts,
  engine: EngineSettings,
): string {
  const sizes = heads === null ? POWERS_OF_TWO : divisorsOf(heads);
  const smallest = sizes.find((size) => size >= least);
  if (smallest === undefined) return 'no tensor_parallel_size would do';
  const needed = smallest * engine.pipeline_parallel_size;
  const here = needed > devices.count ? ` (${needed} devices; there are ${devices.count})` : '';
  return `tensor_parallel_size ${smallest} would do${here}`;
}

/** No tensor parallel group is larger; a config.json can say anything of its heads. */
const MOST_DEVICES = 1024;
const POWERS_OF_TWO = Array.from({ length: 11 }, (_, exponent) => 2 ** exponent);

function divisorsOf(value: number): number[] {
  return Array.from({ length: Math.min(value, MOST_DEVICES) }, (_, index) => index + 1).filter(
    (divisor) => value % divisor === 0,
  );
}

function gib(bytes: number): string {
  const value = bytes / 2 ** 30;
  return `${value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(1)} GiB`;
}
