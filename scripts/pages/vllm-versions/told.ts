/** What the recorded capabilities cannot tell of a version: written by people, each with how it is known. */

/** `ran` here on a CPU, `read` in the version's own files, `inferred` from the versions around it. */
export type Told = 'ran' | 'read' | 'inferred';

export type Column = 'lengths' | 'warmups' | 'metrics' | 'fp8' | 'fp4' | 'kv' | 'bench' | 'reset';

/** `npm run test:long` measures with these; the stock driver stands on the flags, the resident one on the rest. */
const RUN_BY_THE_TESTS: readonly Column[] = ['lengths', 'warmups', 'metrics', 'reset'];
const RAN: Readonly<Record<string, readonly Column[]>> = {
  '0.27.1': RUN_BY_THE_TESTS,
  '0.29.0': RUN_BY_THE_TESTS,
  '0.32.0': RUN_BY_THE_TESTS,
};

export function toldBy(version: string, column: Column): Told {
  return RAN[version]?.includes(column) === true ? 'ran' : 'read';
}

/** `LLM.reset_prefix_cache()` (vllm/v1/engine/llm_engine.py): up to 0.11 the engine's answer is dropped on the way. */
export const RESET_ANSWERS_FROM = '0.12.0';

/** `fp8` of a plain checkpoint is called deprecated (vllm/model_executor/model_loader/weight_utils.py). */
export const FP8_DEPRECATED_FROM = '0.31.0';
