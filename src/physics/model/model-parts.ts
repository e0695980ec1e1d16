import { FAMILIES } from './families.ts';
import { type LanguageConfig, languageConfig, NotInConfig, needed } from './language-config.ts';
import { learnedPositions } from './learned-positions.ts';
import { embeddings, type Layer, type ModelParts, type Tensor, vector } from './parts.ts';
import { windowOf } from './window.ts';

/**
 * Every tensor of the language model that a parsed config.json describes; what sees and hears, and layers that predict
 * several tokens at once (MTP), are left out. Null for an architecture that is not known or does not say enough.
 */
export function modelParts(config: unknown): ModelParts | null {
  const language = languageConfig(config);
  if (language === null) return null;
  try {
    return learnedPositions(language) ?? decoder(language);
  } catch (error) {
    if (error instanceof NotInConfig) return null;
    throw error;
  }
}

function decoder(written: LanguageConfig): ModelParts | null {
  const family = Object.hasOwn(FAMILIES, written.model_type) ? FAMILIES[written.model_type] : undefined;
  if (family === undefined) return null;
  const config = { ...written };
  for (const [name, value] of Object.entries(family.defaults)) Object.assign(config, withDefault(config, name, value));
  const hidden = needed(config, 'hidden_size');
  const attention = family.attention(config);
  const norms = family.norms.map((name) => vector(name, hidden));
  const layers = Array.from({ length: needed(config, 'num_hidden_layers') }, (_, number): Layer => {
    const window = windowOf(config, number);
    return {
      tensors: [...norms, ...attention.tensors, ...family.feedForward(config, number)],
      kvElements: attention.kvElements,
      kvHeads: attention.kvHeads,
      attentionWidth: window === null ? attention.width : 0,
      window,
    };
  });
  const experts = expertsOf(layers.flatMap(({ tensors }) => tensors));
  if (experts !== null && experts.per_token > experts.total) return null;
  const tied = config.tie_word_embeddings ?? family.tied;
  return {
    top: [...embeddings('embed_tokens', needed(config, 'vocab_size'), hidden, tied), vector('norm', hidden)],
    layers,
    experts,
  };
}

function withDefault(config: LanguageConfig, name: string, value: unknown): Record<string, unknown> {
  return config[name as keyof LanguageConfig] == null ? { [name]: value } : {};
}

function expertsOf(tensors: readonly Tensor[]): ModelParts['experts'] {
  const expert = tensors.find(({ kind }) => kind === 'expert');
  return expert === undefined ? null : { total: expert.copies, per_token: expert.used };
}
