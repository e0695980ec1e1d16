import { flagValue } from '../config/flag-value.ts';
import { prefillContextOf, workersOf } from '../config/workers.ts';
import type { Point } from '../modes/mode.ts';
import { checkpointOf, precisionOf } from '../modes/precision.ts';
import { neededLength, stockSlack } from '../modes/vllm-throughput.ts';
import { memoryProblem } from '../physics/memory.ts';
import type { EngineSettings } from '../schema/engine.ts';
import type { CheckpointFacts, DeviceFacts, Facts } from '../schema/facts.ts';
import type { Precision } from '../schema/precision.ts';
import type { Workload } from '../schema/workload.ts';
import { misshapen } from './shapes.ts';

/** Why a point of a precision that can be had cannot be measured, from facts alone; null when nothing speaks against it. */
export function impossible(
  { engine, workload }: Point,
  precision: Precision,
  facts: Facts,
  bindDevices: boolean,
): string | null {
  const checkpoint = checkpointOf(engine, facts);
  return (
    unknownKvCache(engine, facts) ??
    tooLong(engine, workload, checkpoint) ??
    unsound(engine, checkpoint) ??
    indivisible(engine, checkpoint) ??
    misshapen(engine, precision, checkpoint, facts) ??
    (bindDevices
      ? (tooManyDevices(engine, facts) ??
        memoryProblem({ engine, workload, precision, checkpoint, devices: facts.devices }))
      : null)
  );
}

/** Why this host cannot carry out a point that another one may be able to; null when it can, as far as is known. */
export function notOnThisHost({ engine, workload }: Point, facts: Facts): string | null {
  const devices = tooManyDevices(engine, facts);
  if (devices !== null) return devices;
  const resolved = precisionOf(engine, facts);
  if ('refused' in resolved) return resolved.refused;
  const { precision } = resolved;
  return memoryProblem({
    engine,
    workload,
    precision,
    checkpoint: checkpointOf(engine, facts),
    devices: facts.devices,
  });
}

function unknownKvCache({ kv_cache_dtype }: EngineSettings, { capabilities }: Facts): string | null {
  const dtypes = capabilities?.kv_cache_dtypes ?? [];
  if (kv_cache_dtype === null || dtypes.length === 0 || dtypes.includes(kv_cache_dtype)) return null;
  return `vLLM ${capabilities?.vllm_version} has no KV cache of type ${kv_cache_dtype}; it has ${dtypes.join(', ')}`;
}

function tooLong(engine: EngineSettings, workload: Workload, checkpoint: CheckpointFacts | null): string | null {
  const needed = neededLength(workload, engine.driver);
  const slack = stockSlack(workload, engine.driver);
  const what =
    slack === 0
      ? `prompt and output need ${needed} tokens`
      : `prompt and output need ${needed} tokens (${workload.prompt_len} + ${workload.output_len}, and ${slack} that the ` +
        "texts of vLLM's own benchmark may be longer)";
  if (engine.max_model_len !== null && engine.max_model_len < needed) {
    return `${what}, max_model_len is ${engine.max_model_len}`;
  }
  if (engine.driver.kind !== 'resident' && workload.prompt_len === workload.shared_len) {
    return "vLLM's own benchmark needs at least one token after the shared prefix";
  }
  const most = checkpoint?.max_position_embeddings ?? null;
  // --hf-overrides may raise the limit, and --hf-config-path may replace the whole config.
  const overridden = engine.extra_args.some((word) => word.startsWith('--hf-'));
  if (most === null || needed <= most || overridden) return null;
  return `${what}, the model has positions for ${most} (max_position_embeddings)`;
}

/** vLLM ends with exit code 0 and a result although weights are missing: files are looked at before. */
function unsound(engine: EngineSettings, checkpoint: CheckpointFacts | null): string | null {
  const [first, ...others] = (checkpoint?.problems ?? []).filter((problem) => concerns(engine, problem));
  if (first === undefined) return null;
  // The last of a kind ends with how many more there are.
  const more = others.reduce((sum, problem) => sum + 1 + Number(MORE.exec(problem)?.groups?.['more'] ?? 0), 0);
  return `the checkpoint ${engine.checkpoint ?? engine.model}: ${first}${more > 0 ? ` (and ${more} more)` : ''}`;
}

const MORE = /, and (?<more>\d+) more like it$/;

/** Random weights need no files, and a loader of another format reads other ones than those that were looked at. */
function concerns({ extra_args }: EngineSettings, problem: string): boolean {
  const words = extra_args.flatMap((word) => word.split('=')).map((word) => word.replaceAll('_', '-'));
  const format = flagValue(extra_args, '--load-format') ?? 'auto';
  const isAboutWeights = problem.startsWith('weights: ');
  if (isAboutWeights) return format === 'auto' || /safetensors$/.test(format);
  return !(problem.startsWith('tokenizer: ') && words.some((word) => /^--(?:skip-)?tokenizer(?:-init)?$/.test(word)));
}

function indivisible({ tensor_parallel_size }: EngineSettings, checkpoint: CheckpointFacts | null): string | null {
  const heads = checkpoint?.num_attention_heads ?? null;
  if (heads === null || heads % tensor_parallel_size === 0) return null;
  return `${heads} attention heads cannot be split over tensor_parallel_size ${tensor_parallel_size}`;
}

/** Why the devices of this host, or of the machine that was named, are too few for these engine settings; null when they are not, or not known. */
export function tooManyDevices(engine: EngineSettings, { devices }: Facts): string | null {
  const needed = workersOf(engine);
  if (devices === null || needed <= devices.count) return null;
  const context = prefillContextOf(engine) > 1 ? ' x prefill context parallel' : '';
  return `needs ${needed} devices (tensor parallel x pipeline parallel${context}); ${described(devices)}`;
}

function described({ kind, ids, count, name }: DeviceFacts): string {
  if (kind !== 'cpu') return `there are ${count} x ${name}`;
  if (ids !== undefined) return `devices: names ${count} (${ids.join(', ')})`;
  return `this host has no accelerator and ${count} CPU cores`;
}
