import type { LanguageConfig } from './language-config.ts';
import type { Window } from './parts.ts';

/**
 * What a layer looks back at; null for all that there is. Where `layer_types` is written, it says which layers; older
 * files leave it to the architecture: every other layer of Gemma 2, five of six of Gemma 3, all layers of Mistral and
 * Phi-3, three of four of Llama 4, whose windows are chunks.
 */
export function windowOf(config: LanguageConfig, layer: number): Window | null {
  const chunked = config.model_type === 'llama4_text';
  const length = chunked ? config.attention_chunk_size : config.sliding_window;
  if (length == null) return null;
  if (length >= (config.max_position_embeddings ?? Number.POSITIVE_INFINITY)) return null;
  const written = config.layer_types?.[layer];
  const windowed = written === undefined ? isWindowed(config, layer) : /sliding|chunked/.test(written);
  return windowed ? { tokens: length, chunked } : null;
}

function isWindowed(config: LanguageConfig, layer: number): boolean {
  switch (config.model_type) {
    case 'gemma2':
      return layer % 2 === 0;
    case 'gemma3_text':
      return (layer + 1) % (config.sliding_window_pattern ?? 6) !== 0;
    case 'gpt_oss':
      return layer % 2 === 0;
    case 'llama4_text':
      return (layer + 1) % 4 !== 0;
    case 'mistral':
    case 'mixtral':
    case 'phi3':
      return true;
    default:
      return config.use_sliding_window === true && layer >= (config.max_window_layers ?? 0);
  }
}
