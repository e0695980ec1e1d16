import type { EngineReport } from '../src/schema/engine.ts';
import type { Line } from '../src/schema/evidence.ts';

/** The settings that vLLM logs when it makes an engine. */
export type EngineConfig = Pick<
  EngineReport,
  | 'vllm_version'
  | 'device_type'
  | 'model'
  | 'dtype'
  | 'quantization'
  | 'kv_cache_dtype'
  | 'tensor_parallel_size'
  | 'pipeline_parallel_size'
  | 'max_model_len'
  | 'enable_prefix_caching'
  | 'enforce_eager'
>;

// (EngineCore pid=7) INFO ... Initializing a V1 LLM engine (v0.32.0) with config: model='tiny', speculative_config=None,
// ... dtype=torch.bfloat16, max_seq_len=1024, ... quantization=None, ... kv_cache_dtype=auto, device_config=cpu, ...
const initializing =
  /\] Initializing an? (?:V[01] )?LLM engine \(v(?<version>[^\s()]{1,80})\) with config: (?<config>model=.*)/;

/** The line is the same from 0.8.5 to 0.32; null when this is another. */
export function engineConfigIn({ text }: Line): EngineConfig | null {
  const groups = text.includes('Initializing a') ? initializing.exec(text)?.groups : undefined;
  const config = groups?.['config'];
  if (config === undefined) return null;
  const word = (name: string): string | null => {
    const value = new RegExp(`(?:^|, )${name}=(?<value>[^,]{1,500})`).exec(config)?.groups?.['value'];
    return value === undefined || value === 'None' ? null : value.replace(/^'(?<inner>.*)'$/, '$<inner>');
  };
  const flag = (name: string): boolean | null => ({ True: true, False: false })[word(name) ?? ''] ?? null;
  const count = (name: string): number | null => {
    const value = Number(word(name) ?? Number.NaN);
    return Number.isSafeInteger(value) ? value : null;
  };
  return {
    vllm_version: groups?.['version'] ?? null,
    device_type: word('device_config'),
    model: word('model'),
    dtype: word('dtype')?.replace('torch.', '') ?? null,
    quantization: word('quantization'),
    kv_cache_dtype: word('kv_cache_dtype'),
    tensor_parallel_size: count('tensor_parallel_size'),
    pipeline_parallel_size: count('pipeline_parallel_size'),
    max_model_len: count('max_seq_len'),
    enable_prefix_caching: flag('enable_prefix_caching'),
    enforce_eager: flag('enforce_eager'),
  };
}
