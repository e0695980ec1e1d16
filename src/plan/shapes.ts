import { atLeast } from '../modes/precision-asked.ts';
import type { EngineSettings } from '../schema/engine.ts';
import type { CheckpointFacts, Facts } from '../schema/facts.ts';
import type { Precision } from '../schema/precision.ts';

/** Elements that share a scale in MXFP4. */
const MXFP4_BLOCK = 32;

/**
 * Why vLLM cannot cut the weights of this checkpoint into parts for a quantization that has a scale for each block; null
 * when it can, or when the widths are not known.
 */
export function misshapen(
  engine: EngineSettings,
  precision: Precision,
  checkpoint: CheckpointFacts | null,
  facts: Facts,
): string | null {
  if (checkpoint?.widths === undefined) return null;
  const { weight_block = [], method } = checkpoint.quantization ?? {};
  const { hidden, feed_forward, expert } = checkpoint.widths;
  const parts = engine.tensor_parallel_size;
  const expertParts = engine.extra_args.some((word) => /^--enable[-_]expert[-_]parallel$/.test(word)) ? 1 : parts;
  if (precision.by === 'checkpoint') {
    // From 0.29 on vLLM makes smaller blocks of them (weight_scale_refine in fp8.py; 0.28 has none).
    const { vllm_version } = facts.capabilities ?? {};
    if (method !== 'fp8' || vllm_version === undefined || atLeast(vllm_version, 0, 29)) return null;
    const [rows = 1, columns = 1] = weight_block;
    return (
      uneven('experts', expert, expertParts, rows) ??
      (parts > 1 ? uneven('experts', expert, expertParts, columns) : null)
    );
  }
  if (precision.flag !== 'mxfp4') return null;
  return (
    uneven('layers', hidden, 1, MXFP4_BLOCK) ??
    (checkpoint.size?.experts == null ? uneven('feed-forward layers', feed_forward, parts, MXFP4_BLOCK) : null) ??
    uneven('experts', expert, expertParts, MXFP4_BLOCK)
  );
}

function uneven(what: string, width: number | null, parts: number, block: number): string | null {
  if (width === null || (width / parts) % block === 0) return null;
  const share = parts === 1 ? '' : ` / tensor_parallel_size ${parts}`;
  return `the width of the ${what}, ${width}${share}, is no multiple of ${block}, so that quantization in blocks fails`;
}
