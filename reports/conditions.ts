import type { ReportRow } from './report-row.ts';

/** What is the same for all these rows and worth saying once: precision, vLLM, devices, prompts, samples. */
export function conditions(rows: readonly ReportRow[]): string[] {
  return [
    precision(rows),
    constant(
      rows.map((row) => row.checkpoint ?? ''),
      (checkpoint) => (checkpoint === '' ? null : `checkpoint ${checkpoint}`),
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
    sampling(rows.filter((row) => row.state === 'valid')),
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

/** `FP8 W8A8 (asked: fp8)`; null when the precision varies, which an axis tells. */
function precision(rows: readonly ReportRow[]): string | null {
  const asked = only(rows.map((row) => row.settings['quantization']));
  if (asked === null) return null;
  const ran = only(rows.map((row) => row.ran));
  if (ran !== null) return asked === '–' ? ran : `${ran} (asked: ${asked})`;
  return asked === '–' ? only(rows.map((row) => row.dtype)) : asked;
}

/** `6 samples of 2 engine starts a point`; null for single measurements. */
function sampling(rows: readonly ReportRow[]): string | null {
  const counts = rows.map((row) => row.sampling.n);
  if (Math.max(1, ...counts) === 1) return null;
  const starts = rows.map((row) => row.sampling.starts);
  const word = Math.max(...starts) === 1 ? 'start' : 'starts';
  return `${range(counts)} samples of ${range(starts)} engine ${word} a point`;
}

function range(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)].map((count) => count.toLocaleString('en-US'));
  return least === most ? `${most}` : `${least} to ${most}`;
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
  return `${range(counts)} prompts a point`;
}
