import { z } from 'zod';
import type { CheckpointQuantization } from '../../schema/precision.ts';
import { formatsOf } from './by-method.ts';
import type { Written } from './formats.ts';
import { inner, modeloptFormats } from './modelopt.ts';

const Section = z.looseObject({ quant_method: z.string().nullish() });
const Config = z.looseObject({
  quantization_config: Section.nullish(),
  compression_config: Section.nullish(),
  text_config: z.looseObject({ quantization_config: Section.nullish() }).nullish(),
});

/**
 * How a checkpoint says that it is quantized: from its parsed config.json and hf_quant_config.json, in vLLM's order
 * (the whole model's quantization_config, hf_quant_config.json, the language model's, compression_config). Null for one
 * that is not quantized.
 */
export function checkpointQuantization(config: unknown, hfQuantConfig: unknown): CheckpointQuantization | null {
  const parsed = Config.safeParse(config);
  const { quantization_config: whole, text_config, compression_config } = parsed.success ? parsed.data : {};
  const modelopt = z.looseObject({}).safeParse(hfQuantConfig);
  if (whole == null && modelopt.success) return described(modelopt.data, 'hf_quant_config.json');
  const written = whole ?? text_config?.quantization_config ?? compression_config;
  return written == null ? null : described(written, 'config.json');
}

/** Why the files do not say whether a checkpoint is quantized, or how: a clause about one of them; null when they do. */
export function quantizationProblem(config: unknown, hfQuantConfig: unknown): string | null {
  const parsed = Config.safeParse(config);
  if (!parsed.success) return 'config.json: its quantization_config cannot be understood';
  // vLLM looks into the second file only when the first says nothing.
  const isUnread = hfQuantConfig === undefined || parsed.data.quantization_config != null;
  return isUnread || z.looseObject({}).safeParse(hfQuantConfig).success
    ? null
    : 'hf_quant_config.json is no JSON, or describes no quantization';
}

function described(written: Written, source: CheckpointQuantization['source']): CheckpointQuantization {
  const method = String(written['quant_method'] ?? (source === 'config.json' ? 'unknown' : 'modelopt')).toLowerCase();
  if (method.startsWith('modelopt')) {
    const { named, ...formats } = modeloptFormats(written);
    return { method: named, ...formats, kv_cache: kvCacheOf(written), source };
  }
  const block = z.array(z.int()).safeParse(written['weight_block_size']);
  return {
    ...{ method, ...formatsOf(method, written), kv_cache: kvCacheOf(written), source },
    ...(block.success ? { weight_block: block.data } : {}),
  };
}

const Scheme = z.looseObject({ num_bits: z.number(), type: z.string() });

/** What the KV cache is to be quantized to, as the flag of vLLM would say it. */
function kvCacheOf(written: Written): string | null {
  const algorithm = inner(written)['kv_cache_quant_algo'];
  if (typeof algorithm === 'string' && algorithm !== '') return algorithm.toLowerCase();
  const scheme = Scheme.safeParse(written['kv_cache_scheme']);
  if (!scheme.success) return null;
  return `${scheme.data.type === 'float' ? 'fp' : scheme.data.type}${scheme.data.num_bits}`;
}
