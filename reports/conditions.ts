import type { ReportRow } from './report-row.ts';

/** What is the same for all these rows and worth saying once: precision, vLLM, devices, prompts. */
export function conditions(rows: readonly ReportRow[]): string[] {
  return [
    constant(
      rows.map((row) => row.settings['quantization']),
      (quantization) => (quantization === '–' ? only(rows.map((row) => row.dtype)) : quantization),
    ),
    constant(
      rows.map((row) => row.settings['kv-cache-dtype']),
      (dtype) => (dtype === '–' ? null : `KV cache ${dtype}`),
    ),
    constant(
      rows.map((row) => row.settings['max-num-seqs']),
      (size) => (size === '–' ? null : `max_num_seqs ${size}`),
    ),
    promptRange(rows),
    constant(
      rows.map((row) => row.vllm_version),
      (version) => `vLLM ${version}`,
    ),
    // What the host has; a point of TP 1 does not use all of it.
    constant(
      rows.map((row) => row.devices),
      (devices) => `host with ${devices}`,
    ),
  ].filter((text) => text !== null);
}

function constant<T>(values: readonly (T | null | undefined)[], text: (value: T) => string | null): string | null {
  const value = only(values);
  return value === null ? null : text(value);
}

/** The one value that all have who know it; null when they differ or nobody knows. */
function only<T>(values: readonly (T | null | undefined)[]): T | null {
  const known = [...new Set(values)].filter((value) => value !== null && value !== undefined);
  return known.length === 1 ? (known[0] ?? null) : null;
}

function promptRange(rows: readonly ReportRow[]): string | null {
  const counts = rows.map((row) => Number(row.settings['num-prompts'])).filter(Number.isFinite);
  if (counts.length === 0) return null;
  const [least, most] = [Math.min(...counts), Math.max(...counts)].map((count) => count.toLocaleString('en-US'));
  return least === most ? `${most} prompts a point` : `${least} to ${most} prompts a point`;
}
