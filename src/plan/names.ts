import type { Point } from '../modes/mode.ts';
import type { RunSpec } from '../schema/run-config.ts';

/**
 * The name of each point of a run: `<name>_TP-<tp>_ISL-<in>_OSL-<out>[_PL-<prefix>]`, as in the source document, with a
 * part for every other axis that varies, so that no two points of a run have one name.
 */
export function namer(run: RunSpec): (point: Point) => string {
  const engine = enginePart(run);
  const several = { prefixes: run.num_prefixes.length > 1, prompts: run.num_prompts.length > 1 };
  return ({ engine: settings, workload }) =>
    [
      engine(settings),
      `_ISL-${workload.input_len}_OSL-${workload.output_len}`,
      workload.prefix_len > 0 ? `_PL-${workload.prefix_len}` : '',
      several.prefixes && workload.prefix_len > 0 ? `_NPRE-${workload.num_prefixes}` : '',
      several.prompts ? `_NP-${workload.num_prompts}` : '',
    ].join('');
}

/** The part of the name that all points of a launch share. */
export function launchName(run: RunSpec, point: Point): string {
  return (
    enginePart(run)(point.engine) + (run.share_prefix_caching || !point.engine.enable_prefix_caching ? '' : '_prefix')
  );
}

function enginePart(run: RunSpec): (engine: Point['engine']) => string {
  const several = (axis: readonly unknown[]) => axis.length > 1;
  return (engine) =>
    [
      run.name,
      several(run.models) ? `_M-${engine.model}` : '',
      `_TP-${engine.tensor_parallel_size}`,
      several(run.pipeline_parallel_sizes) ? `_PP-${engine.pipeline_parallel_size}` : '',
      several(run.quantizations) ? `_Q-${engine.quantization ?? 'none'}` : '',
      several(run.kv_cache_dtypes) ? `_KV-${engine.kv_cache_dtype ?? 'auto'}` : '',
      several(run.max_num_seqs) ? `_MNS-${engine.max_num_seqs ?? 'auto'}` : '',
    ].join('');
}
