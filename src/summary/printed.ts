import type { Absent } from '../../parsers/parser.ts';
import { type Figure, LABELS } from '../../parsers/result-lines.ts';
import type { ThroughputRun } from '../../parsers/vllm-throughput.ts';
import type { Comparison } from './check.ts';

/** A printed figure beside the exact one; null when one of them is missing, so that there is nothing to compare. */
export function comparison(what: string, printed: Figure | Absent, recomputed: number | null): Comparison | null {
  if (printed.value === null || recomputed === null) return null;
  // Half a unit of the last digit, and what two programs may differ by in the last bits of a double.
  const tolerance = 0.5 * 10 ** -printed.decimals * (1 + 1e-6) + Math.abs(recomputed) * 1e-12;
  return { what, printed: printed.value, recomputed, tolerance };
}

/** Labels of result lines that stand alone more than once. */
export function repeatedLines(printed: ThroughputRun): string[] {
  return printed.oddities.flatMap((oddity) => (oddity.code === 'several-lines' ? [oddity.label] : []));
}

/** Labels of the lines that every measurement of the resident driver prints, and this one did not. */
export function unprintedLines(printed: ThroughputRun): string[] {
  return (['request_rps', 'total_prompt_tokens', 'total_output_tokens'] as const)
    .filter((id) => printed[id].value === null)
    .map((id) => `\`${LABELS[id]}\``);
}
