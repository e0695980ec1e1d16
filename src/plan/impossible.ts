import type { Point } from '../modes/mode.ts';
import { precisionFlag } from '../modes/precision.ts';
import { neededLength } from '../modes/vllm-throughput.ts';
import type { EngineSettings } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';

/** Why a point cannot be measured, from facts alone; null when nothing speaks against it. */
export function impossible({ engine, workload }: Point, facts: Facts, bindDevices: boolean): string | null {
  const precision = precisionFlag(engine, facts);
  if ('refused' in precision) return precision.refused;
  const needed = neededLength(workload, engine.driver);
  if (engine.max_model_len !== null && engine.max_model_len < needed) {
    return `prompt and output need ${needed} tokens, max_model_len is ${engine.max_model_len}`;
  }
  if (engine.driver.kind !== 'resident' && workload.prompt_len === workload.shared_len) {
    return "vLLM's own benchmark needs at least one token after the shared prefix";
  }
  const checkpoint = facts.checkpoints.find(({ model }) => model === engine.model);
  const most = checkpoint?.max_position_embeddings ?? null;
  // --hf-overrides may raise the limit, and --hf-config-path may replace the whole config.
  const overridden = engine.extra_args.some((word) => word.startsWith('--hf-'));
  if (most !== null && needed > most && !overridden) {
    return `prompt and output need ${needed} tokens, the model has positions for ${most} (max_position_embeddings)`;
  }
  const heads = checkpoint?.num_attention_heads ?? null;
  if (heads !== null && heads % engine.tensor_parallel_size !== 0) {
    return `${heads} attention heads cannot be split over tensor_parallel_size ${engine.tensor_parallel_size}`;
  }
  return bindDevices ? tooManyDevices(engine, facts) : null;
}

/** Why this host's devices are too few for these engine settings; null when they are not, or not known. */
export function tooManyDevices(engine: EngineSettings, { devices }: Facts): string | null {
  const needed = engine.tensor_parallel_size * engine.pipeline_parallel_size;
  if (devices === null || needed <= devices.count) return null;
  const have =
    devices.kind === 'cpu' ? `no accelerator and ${devices.count} CPU cores` : `${devices.count} x ${devices.name}`;
  return `needs ${needed} devices (tensor parallel x pipeline parallel); this host has ${have}`;
}
