import type { EngineReport } from '../../schema/engine.ts';
import type { Asked, Check } from '../check.ts';

/** Whether the engine ran with the settings that were asked for, where it tells. */
export const ENGINE_CHECKS: readonly Check[] = [
  setting('tensor-parallel-size', 'tensor_parallel_size', ({ engine }) => engine.tensor_parallel_size),
  setting('pipeline-parallel-size', 'pipeline_parallel_size', ({ engine }) => engine.pipeline_parallel_size),
  setting('max-num-seqs', 'max_num_seqs', ({ engine }) => engine.max_num_seqs),
  setting('max-model-len', 'max_model_len', ({ max_model_len }) => max_model_len),
  setting('prefix-caching', 'enable_prefix_caching', ({ engine }) => engine.enable_prefix_caching),
  setting('kv-cache-dtype', 'kv_cache_dtype', ({ engine }) => engine.kv_cache_dtype),
];

type Value = string | number | boolean | null;

function setting(id: string, field: Exclude<keyof EngineReport, 'weights'>, of: (asked: Asked) => Value): Check {
  return {
    id,
    compares: `${field} as asked with what the engine reports`,
    tolerance: 'equal, where both are known; kv_cache_dtype fp8 is fp8_e4m3, and auto asks for nothing',
    stands_for: `a flag that vLLM dropped, changed or overrode: ${field} is part of the engine that was asked for`,
    wrong: (asked, { engine }) => {
      const wanted = of(asked);
      const told = engine?.[field] ?? null;
      if (wanted === null || wanted === 'auto' || told === null || canonical(wanted) === canonical(told)) return null;
      return `${field} is ${told}, asked for ${wanted}`;
    },
  };
}

/** `fp8` is short for `fp8_e4m3` in every version of --kv-cache-dtype. */
function canonical(value: Value): Value {
  return value === 'fp8' ? 'fp8_e4m3' : value;
}
