import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { CheckpointFacts } from '../schema/facts.ts';

/** Parts of a config.json that planning uses; multimodal models keep the language model's in text_config. */
const TextConfig = z.object({
  max_position_embeddings: z.int().nullish(),
  num_attention_heads: z.int().nullish(),
});
const Config = TextConfig.extend({
  text_config: TextConfig.nullish(),
  quantization_config: z.object({ quant_method: z.string().nullish() }).nullish(),
});

/** Where the files of a model are looked for. */
export interface CheckpointSources {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of a `builtin:` model; null for any other. */
  builtin(model: string): string | null;
}

/** True for a model that is a place on this host, not a Hugging Face id. */
export function isPath(model: string): boolean {
  return /^(?:\/|\.{1,2}(?:\/|$)|~)/.test(model);
}

/** The absolute path of a model that is named by a path; an existing relative folder counts, as it does for vLLM. */
export function localPath(model: string, { cwd }: Pick<CheckpointSources, 'cwd'>): string | null {
  const path = resolve(cwd, model.replace(/^~(?=\/|$)/, homedir()));
  return isPath(model) || existsSync(join(path, 'config.json')) ? path : null;
}

/** What can be known of a checkpoint before the run: from its folder, or from the Hugging Face cache. */
export function checkpointFacts(model: string, sources: CheckpointSources): CheckpointFacts {
  const path = sources.builtin(model) ?? localPath(model, sources) ?? cachedSnapshot(model, sources.env);
  const text = path === null ? null : readText(join(path, 'config.json'));
  const nothing = {
    model,
    path,
    config_sha256: null,
    max_position_embeddings: null,
    num_attention_heads: null,
    dtype: null,
    quantization: null,
    size: null,
    weight_bytes: null,
    problems: [],
  };
  if (path === null || text === null) return nothing;
  const config = Config.safeParse(parseJson(text));
  const config_sha256 = createHash('sha256').update(text).digest('hex');
  if (!config.success) return { ...nothing, config_sha256 };
  const inner = config.data.text_config ?? config.data;
  const modelopt = existsSync(join(path, 'hf_quant_config.json')) ? 'modelopt' : null;
  const method = config.data.quantization_config?.quant_method ?? modelopt;
  return {
    model,
    path,
    config_sha256,
    max_position_embeddings: inner.max_position_embeddings ?? config.data.max_position_embeddings ?? null,
    num_attention_heads: inner.num_attention_heads ?? config.data.num_attention_heads ?? null,
    dtype: null,
    quantization:
      method === null ? null : { method, weights: 'other', activations: null, kv_cache: null, source: 'config.json' },
    size: null,
    weight_bytes: null,
    problems: [],
  };
}

/** The snapshot that `refs/main` of the Hugging Face cache names; null when the model was never downloaded. */
function cachedSnapshot(model: string, env: CheckpointSources['env']): string | null {
  const home = env['HF_HOME'] ?? join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? '/', '.cache'), 'huggingface');
  const root = join(env['HF_HUB_CACHE'] ?? join(home, 'hub'), `models--${model.replaceAll('/', '--')}`);
  const revision = readText(join(root, 'refs', 'main'))?.trim();
  return revision === undefined ? null : join(root, 'snapshots', revision);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
