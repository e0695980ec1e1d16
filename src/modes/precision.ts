import type { EngineSettings } from '../schema/engine.ts';
import type { CheckpointFacts, Facts } from '../schema/facts.ts';
import { deviceOf, isFp4, type PrecisionSettings, type Resolved } from './precision-asked.ts';
import { precisionOfPlain } from './precision-online.ts';
import { precisionOfStored, storedFormat } from './precision-stored.ts';

/**
 * What `none`, `fp8`, `fp4` or a name of vLLM's comes to for this vLLM, checkpoint and device; docs/precision.md tells
 * the rules in words and where each comes from. What is not known is assumed to be the newest and best that there is.
 */
export function precisionOf(engine: PrecisionSettings, facts: Facts): Resolved {
  const checkpoint = isOverridden(engine) ? null : checkpointOf(engine, facts);
  const asked = { engine, name: engine.quantization, capabilities: facts.capabilities, device: deviceOf(facts) };
  if (checkpoint?.quantization != null) return precisionOfStored(asked, checkpoint, checkpoint.quantization);
  return precisionOfPlain(asked, checkpoint);
}

/** What is known of the files that vLLM will be given: of the checkpoint of this precision, else of the model. */
export function checkpointOf(
  engine: Pick<EngineSettings, 'model' | 'checkpoint'>,
  facts: Facts,
): CheckpointFacts | null {
  const given = engine.checkpoint ?? engine.model;
  return facts.checkpoints.find(({ model }) => model === given) ?? null;
}

/** The precision that a model's own files have, for a run that asks for `auto`; null when they are not quantized. */
export function ownPrecision(model: string, facts: Facts): string | null {
  const quantization = checkpointOf({ model, checkpoint: null }, facts)?.quantization ?? null;
  if (quantization === null) return null;
  const format = storedFormat(quantization);
  return format === 'fp8' ? 'fp8' : isFp4(format) ? 'fp4' : quantization.method;
}

/** True when flags of the user replace what config.json says of its quantization. */
function isOverridden({ extra_args }: PrecisionSettings): boolean {
  const text = extra_args.join(' ').replaceAll('_', '-');
  return text.includes('--hf-config-path') || /--hf-overrides\b.*quantiz/.test(text);
}
