import type { Launch } from '../schema/plan.ts';
import type { Tools } from './mode.ts';

/**
 * The engine's part of the command line, in vLLM's own flags. Our fields come first and the user's words last, as they
 * were written: no owned flag is among them, so nothing is said twice.
 */
export function engineFlags(launch: Launch, tools: Pick<Tools, 'modelPath'>): string[] {
  const { engine, precision } = launch;
  return [
    ...['--model', tools.modelPath(engine.checkpoint ?? engine.model)],
    ...['--tensor-parallel-size', String(engine.tensor_parallel_size)],
    ...(engine.pipeline_parallel_size > 1 ? ['--pipeline-parallel-size', String(engine.pipeline_parallel_size)] : []),
    ...(precision.flag === null ? [] : ['--quantization', precision.flag]),
    ...(engine.kv_cache_dtype === null ? [] : ['--kv-cache-dtype', engine.kv_cache_dtype]),
    ...(engine.max_num_seqs === null ? [] : ['--max-num-seqs', String(engine.max_num_seqs)]),
    ...['--max-model-len', String(launch.max_model_len.value)],
    ...['--gpu-memory-utilization', String(engine.gpu_memory_utilization)],
    engine.enable_prefix_caching ? '--enable-prefix-caching' : '--no-enable-prefix-caching',
    ...engine.extra_args,
  ];
}
