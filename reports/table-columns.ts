import type { Axis } from './axes.ts';
import { lengthsLabel } from './lengths.ts';
import type { NoteMarks } from './note-marks.ts';
import { readable, readableSpread } from './numbers.ts';
import type { ReportRow, RowSpread } from './report-row.ts';
import { STATE_WORDS } from './state-words.ts';
import { oneLine } from './table-layout.ts';

/** A column of the table for people. */
export interface Column {
  /** First line of the heading. */
  readonly name: string;
  /** Second line of it; empty for a column without a unit. */
  readonly unit: string;
  readonly align: 'left' | 'right';
  /** The highest goes first when the line is too narrow; 0 stays. */
  readonly dispensable: number;
  readonly cell: (row: ReportRow) => string;
  /** The result that it shows, for a note on what is missing; null for none. */
  readonly result: string | null;
}

/** What is not known is not 0. */
const UNKNOWN = '–';

/** The columns that say something about these rows: what is the same for all stands above the table. */
export function tableColumns(rows: readonly ReportRow[], axes: readonly Axis[], marks: NoteMarks): Column[] {
  return [
    ...names(rows, axes),
    ...axes.map((axis) => text(axis.label, (row) => oneLine(axis.text(row)))),
    ...(varies(rows, (row) => row.tensor_parallel_size) ? [TP] : []),
    { ...text(rows.some((row) => row.prefix_len > 0) ? 'in/out/prefix' : 'in/out', lengthsLabel), align: 'right' },
    ...measured(rows),
    ...verdict(rows, marks),
  ];
}

const TP: Column = { ...text('TP', (row) => String(row.tensor_parallel_size)), align: 'right' };

/** The names that the user gave, when there are several and no axis tells the whole run name. */
function names(rows: readonly ReportRow[], axes: readonly Axis[]): Column[] {
  const given = (row: ReportRow): string => oneLine(row.run_name.replace(/_TP-\d+_ISL-.*$/, ''));
  return varies(rows, given) && !axes.some((axis) => axis.label === 'run') ? [text('run', given)] : [];
}

function measured(rows: readonly ReportRow[]): Column[] {
  const spreads = rows.map((row) => row.spread[OUTPUT]);
  const hasInterval = spreads.some((spread) => spread?.ci95);
  const hasCv = spreads.some((spread) => typeof spread?.cv === 'number');
  const has = (key: string): boolean => rows.some((row) => typeof row.results[key] === 'number');
  const hasPrefix = rows.some((row) => row.prefix_len > 0);
  return [
    number('output', 'tok/s', OUTPUT, 1, 0),
    ...(hasInterval ? [INTERVAL] : []),
    ...(hasCv ? [{ ...CV, dispensable: hasInterval ? 7 : 2 }] : []),
    number('total', 'tok/s', 'throughput_total_tokens_per_sec', 1, 6),
    ...(has('mbu') ? [share('MBU', 'mbu', 3)] : []),
    ...(has('mfu') ? [share('MFU', 'mfu', 4)] : []),
    ...(has(ENERGY) ? [number('energy', 'J/tok', ENERGY, 1, 8)] : []),
    number('TTFT avg', 's', 'avg_ttft_s', 1, 0),
    number('TTFT p99', 's', 'p99_ttft_s', 1, 5),
    number('TPOT avg', 'ms', 'tpot_s', 1000, 1),
    ...(hasPrefix ? [HIT_RATE] : []),
  ];
}

const OUTPUT = 'throughput_output_tokens_per_sec';
const ENERGY = 'energy_per_output_token_j';

/** The longer arm of the interval, for one side may be longer than the other. */
const INTERVAL: Column = spreadColumn('95% CI', '± %', 2, ({ ci95 }, value) =>
  ci95 === null || value === 0 ? null : Math.max(ci95.high - value, value - ci95.low) / value,
);

const CV: Column = spreadColumn('CV', '%', 7, ({ cv }) => cv);

function spreadColumn(
  name: string,
  unit: string,
  dispensable: number,
  share: (spread: RowSpread, value: number) => number | null,
): Column {
  const cell = (row: ReportRow): string => {
    const [spread, value] = [row.spread[OUTPUT], row.results[OUTPUT]];
    if (row.state !== 'valid' || spread === undefined || typeof value !== 'number') return UNKNOWN;
    return known(share(spread, value), (one) => readableSpread(one * 100));
  };
  return { name, unit, align: 'right', dispensable, cell, result: null };
}

/** With the best that the lengths allow beside it: `96.1/96.3`. */
const HIT_RATE: Column = {
  ...number('hit rate', '%/bound', 'prefix_cache_hit_rate', 100, 2),
  cell: (row) =>
    sharesNothing(row)
      ? ''
      : [row.results['prefix_cache_hit_rate'], row.hit_rate_bound].map((one) => known(one, percent)).join('/'),
};

/** A point without a shared prefix that hits the cache nevertheless is worth seeing. */
function sharesNothing(row: ReportRow): boolean {
  return row.prefix_len === 0 && (row.results['prefix_cache_hit_rate'] ?? 0) === 0;
}

/** The state when one is not valid, and the letters of the notes: a noted point is never shown as a plain pass. */
function verdict(rows: readonly ReportRow[], marks: NoteMarks): Column[] {
  const state = (row: ReportRow): string => `${STATE_WORDS[row.state]} ${marks.of(row)}`.trimEnd();
  if (rows.some((row) => row.state !== 'valid')) return [text('state', state)];
  return rows.some((row) => row.notes.length > 0) ? [text('note', marks.of)] : [];
}

/** A share of the whole, as per cent. */
function share(name: string, key: string, dispensable: number): Column {
  return { ...number(name, '%', key, 100, dispensable), cell: (row) => known(row.results[key], percent) };
}

function number(name: string, unit: string, key: string, factor: number, dispensable: number): Column {
  const cell = (row: ReportRow): string => known(row.results[key], (value) => readable(value * factor));
  return { name, unit, align: 'right', dispensable, cell, result: key };
}

function text(name: string, cell: (row: ReportRow) => string): Column {
  return { name, unit: '', align: 'left', dispensable: 0, cell, result: null };
}

function known(value: number | null | undefined, format: (value: number) => string): string {
  return typeof value === 'number' ? format(value) : UNKNOWN;
}

function percent(value: number): string {
  return (value * 100).toFixed(1);
}

function varies<T>(rows: readonly ReportRow[], value: (row: ReportRow) => T): boolean {
  return new Set(rows.map(value)).size > 1;
}
