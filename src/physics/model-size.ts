import type { ModelSize } from '../schema/model-size.ts';
import { modelParts } from './model/model-parts.ts';
import type { ModelParts, Tensor } from './model/parts.ts';

/**
 * How large the language model of a parsed config.json is. A model that also sees or hears is counted without what it
 * sees and hears with. Null for an architecture that is not known: a guess would pass for a fact.
 */
export function modelSize(config: unknown): ModelSize | null {
  const parts = modelParts(config);
  if (parts === null) return null;
  const size = sizeOf(parts);
  // Fractions come of a config.json whose heads do not divide its width.
  return Object.values(size).every((value) => typeof value !== 'number' || Number.isSafeInteger(value)) ? size : null;
}

function sizeOf(parts: ModelParts): ModelSize {
  const tensors = [...parts.top, ...parts.layers.flatMap((layer) => layer.tensors)];
  const count = (counted: readonly Tensor[]) => sum(counted.map(({ elements, copies }) => elements * copies));
  const windowed = parts.layers.filter(({ window }) => window !== null);
  const window = windowed[0]?.window ?? null;
  const kvHeads = parts.layers[0]?.kvHeads ?? null;
  return {
    parameters: count(tensors),
    active_parameters: sum(tensors.map(({ elements, used }) => elements * used)),
    embedding_parameters: count(tensors.filter(({ kind }) => kind === 'embedding')),
    linear_parameters: count(tensors.filter(({ kind }) => kind === 'linear' || kind === 'expert')),
    expert_parameters: count(tensors.filter(({ kind }) => kind === 'expert')),
    layers: parts.layers.length,
    ...(kvHeads === null ? {} : { kv_heads: kvHeads }),
    kv_elements_per_token: sum(parts.layers.map(({ kvElements }) => kvElements)),
    experts: parts.experts,
    attention_width: sum(parts.layers.map(({ attentionWidth }) => attentionWidth)),
    ...(window === null
      ? {}
      : {
          windowed: {
            kv_elements_per_token: sum(windowed.map(({ kvElements }) => kvElements)),
            tokens: window.tokens,
            ...(window.chunked ? { chunked: true as const } : {}),
          },
        }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
