import { lengthsLabel } from './lengths.ts';
import type { ReportRow } from './report-row.ts';

/** A setting other than the lengths and TP, by which points can differ. */
export interface Axis {
  readonly label: string;
  /** Equal for rows that were asked for with the same setting. */
  readonly value: (row: ReportRow) => string;
  /** What a person reads; for most the value. */
  readonly text: (row: ReportRow) => string;
}

/** What a person sweeps on purpose: shown whenever it varies, in this order. */
const SWEPT: readonly Axis[] = [
  { label: 'precision', value: setting('quantization'), text: precisionText },
  axis('KV cache', setting('kv-cache-dtype')),
  axis('PP', setting('pipeline-parallel-size')),
  axis('max_num_seqs', setting('max-num-seqs')),
  axis('driver', setting('driver')),
  axis('args', setting('extra-args')),
  axis('env', setting('env')),
  axis('mode', setting('mode')),
];

/** Of these the lengths, TP and the swept axes tell already. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  'model',
  'input-len',
  'output-len',
  'prefix-len',
  'prefix-mode',
  'prompt-len',
  'shared-len',
  'tensor-parallel-size',
  'quantization',
  'kv-cache-dtype',
  'pipeline-parallel-size',
  'max-num-seqs',
  'driver',
  'extra-args',
  'env',
  'mode',
]);

/**
 * The axes that tell the rows of one model apart, beside lengths and TP. Swept settings are among them when they vary;
 * any other setting (the prefix cache's switch follows from the lengths) only when two points would otherwise be shown
 * as one; the run's name when not even that is enough.
 */
export function varyingAxes(rows: readonly ReportRow[]): Axis[] {
  const axes = SWEPT.filter((one) => new Set(rows.map(one.value)).size > 1);
  let places = placeCount(rows, axes);
  for (const more of [...otherSettings(rows), RUN_NAME]) {
    if (places === rows.length) break;
    const morePlaces = placeCount(rows, [...axes, more]);
    if (morePlaces > places) axes.push(more);
    places = morePlaces;
  }
  return axes.map((one) => ({ ...one, text: toldApart(one, rows, asValidRowsSay(one, rows)) }));
}

/** A point that failed does not know what its engine would run, but belongs beside those that were asked for alike. */
function asValidRowsSay(one: Axis, rows: readonly ReportRow[]): Axis['text'] {
  const texts = new Map(rows.filter((row) => row.state === 'valid').map((row) => [one.value(row), one.text(row)]));
  return (row) => (row.state === 'valid' ? one.text(row) : (texts.get(one.value(row)) ?? one.text(row)));
}

/** Two precisions that were asked for differently and ran alike keep apart: `FP8 W8A8 (fp8_per_block)`. */
function toldApart(one: Axis, rows: readonly ReportRow[], text: Axis['text']): Axis['text'] {
  const valuesByText = Map.groupBy(new Set(rows.map(one.value)), (value) => {
    const row = rows.find((candidate) => one.value(candidate) === value);
    return row === undefined ? '' : text(row);
  });
  return (row) => {
    const own = text(row);
    const value = one.value(row);
    return value === '–' || value === own || (valuesByText.get(own)?.length ?? 0) < 2 ? own : `${own} (${value})`;
  };
}

/** Orders rows by these axes: numbers as numbers, words as they were asked for. */
export function settingsOrder(
  rows: readonly ReportRow[],
  axes: readonly Axis[],
): (a: ReportRow, b: ReportRow) => number {
  const ranks = axes.map((one) => ({ axis: one, rank: ranked([...new Set(rows.map(one.value))]) }));
  return (a, b) => {
    for (const { axis: one, rank } of ranks) {
      const difference = (rank.get(one.value(a)) ?? 0) - (rank.get(one.value(b)) ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function ranked(values: readonly string[]): Map<string, number> {
  const number = (value: string): number => (value === '–' ? Number.NEGATIVE_INFINITY : Number(value));
  const numeric = values.every((value) => !Number.isNaN(number(value)));
  const ordered = numeric ? values.toSorted((a, b) => (number(a) < number(b) ? -1 : 1)) : values;
  return new Map(ordered.map((value, index) => [value, index]));
}

const RUN_NAME = axis('run', (row) => row.run_name);

function otherSettings(rows: readonly ReportRow[]): Axis[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row.settings)));
  return [...names]
    .filter((name) => !TOLD_ELSEWHERE.has(name))
    .sort()
    .map((name) => axis(name, setting(name)));
}

/** Different places at which the rows would be shown. */
function placeCount(rows: readonly ReportRow[], axes: readonly Axis[]): number {
  const place = (row: ReportRow): string =>
    JSON.stringify([lengthsLabel(row), row.tensor_parallel_size, ...axes.map((one) => one.value(row))]);
  return new Set(rows.map(place)).size;
}

function axis(label: string, value: (row: ReportRow) => string): Axis {
  return { label, value, text: value };
}

function setting(name: string): (row: ReportRow) => string {
  return (row) => row.settings[name] ?? '–';
}

/** What ran, where the engine tells; else what was asked for, or the data type when that was nothing. */
export function precisionText(row: ReportRow): string {
  const asked = setting('quantization')(row);
  return row.ran ?? (asked === '–' || asked === 'none' ? (row.dtype ?? 'not quantized') : asked);
}
