import type { JobRecord } from '../src/schema/record.ts';
import { publicSettings } from '../src/schema/secrets.ts';

/** What was asked for, by the names of vLLM's flags where it has one. */
export type EntryConfig = ReturnType<typeof entryConfig>;

/** `config` of an entry in summary_report.json. */
export function entryConfig({ engine, workload, max_model_len, method }: JobRecord) {
  // A report is passed around; what looks like a secret stays behind.
  const settings = publicSettings(engine);
  return {
    model: engine.model,
    checkpoint: engine.checkpoint,
    'num-prompts': workload.num_prompts,
    quantization: engine.quantization,
    'kv-cache-dtype': engine.kv_cache_dtype,
    'tensor-parallel-size': engine.tensor_parallel_size,
    'pipeline-parallel-size': engine.pipeline_parallel_size,
    'input-len': workload.input_len,
    'output-len': workload.output_len,
    'prefix-len': workload.prefix_len,
    'prefix-mode': workload.prefix_mode,
    'prompt-len': workload.prompt_len,
    'shared-len': workload.shared_len,
    'num-prefixes': workload.num_prefixes,
    'prefix-state': workload.prefix_state,
    'max-model-len': max_model_len?.value ?? engine.max_model_len,
    'max-model-len-origin': max_model_len?.origin ?? null,
    'max-num-seqs': engine.max_num_seqs,
    'enable-prefix-caching': engine.enable_prefix_caching,
    'gpu-memory-utilization': engine.gpu_memory_utilization,
    seed: workload.seed,
    warmups: workload.warmups,
    driver: engine.driver.kind === 'script' ? engine.driver.path : method.driver,
    'extra-args': settings.extra_args,
    env: sortedByName(settings.env),
  };
}

function sortedByName(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)));
}
