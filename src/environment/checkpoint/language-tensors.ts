import type { ModelParts } from '../../physics/model/parts.ts';
import type { StoredTensor } from './safetensors.ts';

/** Where checkpoints keep the language model; of those that also see, the tower for that has another prefix. */
const PREFIXES = new Set([
  ...['', 'model.', 'transformer.', 'decoder.', 'model.decoder.'],
  ...['language_model.', 'language_model.model.', 'model.language_model.', 'model.language_model.model.'],
]);
const LAYER = /^(?<prefix>(?:[a-z_]+\.)*?)(?<stem>layers|h)\.(?<layer>\d+)\.(?<rest>.+)$/;
/** Not parameters: the causal mask of GPT-2 and what rotary positions are computed from. */
const BUFFER = /\.attn\.(?:masked_)?bias$|\.inv_freq$/;

/** A stored tensor of the language model: its layer (null above the layers) and its name there. */
export interface LanguageTensor {
  readonly layer: number | null;
  readonly rest: string;
  readonly elements: number;
  readonly bytes: number;
}

export interface LanguageTensors {
  /** What comes before the number of a layer, such as `model.layers.`. */
  readonly stem: string;
  readonly prefix: string;
  readonly tensors: readonly LanguageTensor[];
}

/** The tensors that belong to the language model; null when the names are none that are known here. */
export function languageTensors(stored: readonly StoredTensor[], parts: ModelParts): LanguageTensors | null {
  const tops = parts.top.flatMap(({ module }) => module ?? []);
  const found =
    stored.map(({ name }) => LAYER.exec(name)?.groups).find((groups) => PREFIXES.has(groups?.['prefix'] ?? '?')) ??
    withoutLayers(stored, tops);
  if (found == null) return null;
  const prefix = found['prefix'] ?? '';
  const stem = `${prefix}${found['stem']}.`;
  const tensors = stored.flatMap(({ name, elements, bytes }): LanguageTensor[] => {
    if (BUFFER.test(name)) return [];
    if (name.startsWith(stem)) {
      const dot = name.indexOf('.', stem.length);
      const layer = Number(name.slice(stem.length, dot));
      // Layers beyond the last predict further tokens (MTP).
      return layer < parts.layers.length ? [{ layer, rest: name.slice(dot + 1), elements, bytes }] : [];
    }
    const head = name.indexOf('lm_head.');
    const rest = head >= 0 ? name.slice(head) : name.startsWith(prefix) ? name.slice(prefix.length) : name;
    return tops.some((module) => rest.startsWith(`${module}.`)) ? [{ layer: null, rest, elements, bytes }] : [];
  });
  return { prefix, stem, tensors };
}

/** Where layers would be in files that hold nothing else of the model than what lies above them; null for others. */
function withoutLayers(stored: readonly StoredTensor[], tops: readonly string[]): Record<string, string> | null {
  const prefixes = stored.map(({ name }) => {
    const top = tops.find((module) => name.startsWith(`${module}.`) || name.includes(`.${module}.`));
    const prefix = top === undefined ? '?' : name.slice(0, name.lastIndexOf(`${top}.`));
    return PREFIXES.has(prefix) ? prefix : null;
  });
  const [first] = prefixes.filter((prefix) => prefix !== null && prefix !== '').concat(prefixes);
  if (first == null || prefixes.includes(null)) return null;
  return { prefix: first, stem: tops.includes('wte') ? 'h' : 'layers' };
}
