import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { CheckpointFacts } from '../schema/facts.ts';
import { configProblem } from './checkpoint/problem.ts';
import { checkpointQuantization, quantizationProblem } from './checkpoint/quantization.ts';
import { cachedSnapshot, isOffline, readText } from './checkpoint/snapshot.ts';
import { soundness } from './checkpoint/soundness.ts';

/** Parts of a config.json that planning uses; multimodal models keep the language model's in text_config. */
const TextConfig = z.object({
  max_position_embeddings: z.int().nullish(),
  num_attention_heads: z.int().nullish(),
  // The words of GPT-2.
  n_positions: z.int().nullish(),
  n_head: z.int().nullish(),
  // Some models have one for each layer, which is more than is asked here.
  hidden_size: z.int().nullish().catch(null),
  intermediate_size: z.int().nullish().catch(null),
  moe_intermediate_size: z.int().nullish().catch(null),
  dtype: z.string().nullish(),
  torch_dtype: z.string().nullish(),
});
const Config = TextConfig.extend({ text_config: TextConfig.nullish() });

/** Where the files of a model are looked for. */
export interface CheckpointSources {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of a `builtin:` model; null for any other. */
  builtin(model: string): string | null;
  /** `--revision` of those who use the model; null when they use several, so that nothing is known. Absent: `main`. */
  readonly revision?: string | null;
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
  const local = sources.builtin(model) ?? localPath(model, sources);
  const { revision } = sources;
  const path = local ?? (revision === null ? null : cachedSnapshot(model, sources.env, revision));
  const text = path === null ? null : readText(join(path, 'config.json'));
  const nothing: CheckpointFacts = {
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
  if (path === null) return nothing;
  if (text === null) {
    const isThere = existsSync(join(path, 'config.json'));
    return isThere ? { ...nothing, problems: [configProblem(`${join(path, 'config.json')} cannot be read`)] } : nothing;
  }
  const hfQuantConfig = readText(join(path, 'hf_quant_config.json'));
  const config_sha256 = hashOf(text, hfQuantConfig);
  const json = parseJson(text);
  const config = Config.safeParse(json);
  if (!config.success) {
    return { ...nothing, config_sha256, problems: [configProblem(`${join(path, 'config.json')} describes no model`)] };
  }
  const inner = { ...withoutNull(config.data), ...withoutNull(config.data.text_config ?? {}) };
  const beside = hfQuantConfig === null ? undefined : parseJson(hfQuantConfig);
  const quantization = checkpointQuantization(json, beside);
  const unclear = quantizationProblem(json, beside);
  const fetched = local === null && !isOffline(sources.env);
  const { size, weight_bytes, problems } = soundness(path, json, { fetched, quantization });
  return {
    model,
    path,
    config_sha256,
    max_position_embeddings: inner.max_position_embeddings ?? inner.n_positions ?? null,
    num_attention_heads: inner.num_attention_heads ?? inner.n_head ?? null,
    widths: {
      hidden: inner.hidden_size ?? null,
      feed_forward: inner.intermediate_size ?? null,
      expert: size?.experts == null ? null : (inner.moe_intermediate_size ?? inner.intermediate_size ?? null),
    },
    dtype: inner.dtype ?? inner.torch_dtype ?? null,
    quantization,
    size,
    weight_bytes,
    problems: [...(unclear === null ? [] : [configProblem(`${path}: ${unclear}`)]), ...problems],
  };
}

function hashOf(config: string, hfQuantConfig: string | null): string {
  const hash = createHash('sha256').update(config);
  return (hfQuantConfig === null ? hash : hash.update('\0').update(hfQuantConfig)).digest('hex');
}

/** What the language model's part leaves open is what the whole says. */
function withoutNull(config: z.output<typeof TextConfig>): Partial<z.output<typeof TextConfig>> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value != null));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
