import type { EngineReport } from '../../schema/engine.ts';
import type { Asked, Check } from '../check.ts';

/** Whether the engine ran with the settings that were asked for, where it tells. */
export const ENGINE_CHECKS: readonly Check[] = [
  {
    id: 'model',
    compares: "the engine's model with the one asked for, or with the checkpoint that has the asked precision",
    tolerance: 'the same path or id; an id may be told as its folder in the Hugging Face cache',
    stands_for: 'another checkpoint under the name of the asked one: a default of vLLM, a path that was changed',
    wrong: (asked, { engine }) => {
      const wanted = asked.engine.checkpoint ?? asked.engine.model;
      const told = engine?.model ?? null;
      if (told === null || told.includes('://') || isModel(told, wanted, asked.checkpoint?.path ?? null)) return null;
      return `the engine runs ${told}, asked for ${wanted}`;
    },
  },
  setting('tensor-parallel-size', 'tensor_parallel_size', ({ engine }) => engine.tensor_parallel_size),
  setting('pipeline-parallel-size', 'pipeline_parallel_size', ({ engine }) => engine.pipeline_parallel_size),
  setting('max-num-seqs', 'max_num_seqs', ({ engine }) => engine.max_num_seqs),
  setting('max-model-len', 'max_model_len', ({ max_model_len }) => max_model_len),
  setting('prefix-caching', 'enable_prefix_caching', ({ engine }) => engine.enable_prefix_caching),
  setting('kv-cache-dtype', 'kv_cache_dtype', ({ engine }) => engine.kv_cache_dtype),
];

/** `builtin:tiny` is a folder of that name; a relative path may have been made absolute; an id may be a snapshot of it. */
function isModel(told: string, wanted: string, path: string | null): boolean {
  if (told === wanted || told === path) return true;
  if (told.includes(`models--${wanted.replaceAll('/', '--')}/`)) return true;
  const name = wanted
    .replace(/^builtin:/, '')
    .replace(/^(?:\.{1,2}\/)+/, '')
    .replace(/\/+$/, '');
  const folder = told.replace(/\/+$/, '');
  return folder === name || folder.endsWith(`/${name}`);
}

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
