import type { Axis } from './axes.ts';
import { lengthsLabel } from './lengths.ts';
import { readable, readableSpread } from './numbers.ts';
import type { ReportRow } from './report-row.ts';
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
export function tableColumns(rows: readonly ReportRow[], axes: readonly Axis[]): Column[] {
  return [
    ...names(rows, axes),
    ...axes.map((axis) => text(axis.label, (row) => oneLine(axis.text(row)))),
    ...(varies(rows, (row) => row.tensor_parallel_size) ? [TP] : []),
    { ...text(rows.some((row) => row.prefix_len > 0) ? 'in/out/prefix' : 'in/out', lengthsLabel), align: 'right' },
    ...measured(rows),
    ...(rows.every((row) => row.state === 'valid') ? [] : [text('state', (row) => STATE_WORDS[row.state])]),
  ];
}

const TP: Column = { ...text('TP', (row) => String(row.tensor_parallel_size)), align: 'right' };

/** The names that the user gave, when there are several and no axis tells the whole run name. */
function names(rows: readonly ReportRow[], axes: readonly Axis[]): Column[] {
  const given = (row: ReportRow): string => oneLine(row.run_name.replace(/_TP-\d+_ISL-.*$/, ''));
  return varies(rows, given) && !axes.some((axis) => axis.label === 'run') ? [text('run', given)] : [];
}

function measured(rows: readonly ReportRow[]): Column[] {
  const hasSpread = rows.some((row) => typeof row.stdev[OUTPUT] === 'number');
  const hasPrefix = rows.some((row) => row.prefix_len > 0);
  return [
    number('output', 'tok/s', OUTPUT, 1, 0),
    ...(hasSpread ? [SPREAD] : []),
    number('total', 'tok/s', 'throughput_total_tokens_per_sec', 1, 4),
    number('TTFT avg', 's', 'avg_ttft_s', 1, 0),
    number('TTFT p99', 's', 'p99_ttft_s', 1, 3),
    number('TPOT avg', 'ms', 'tpot_s', 1000, 1),
    ...(hasPrefix ? [HIT_RATE, BOUND] : []),
  ];
}

const OUTPUT = 'throughput_output_tokens_per_sec';

const SPREAD: Column = {
  ...number('±', 'tok/s', OUTPUT, 1, 2),
  cell: (row) => known(row.state === 'valid' ? row.stdev[OUTPUT] : null, readableSpread),
  result: null,
};

const HIT_RATE: Column = {
  ...number('hit rate', '%', 'prefix_cache_hit_rate', 100, 2),
  cell: (row) => (sharesNothing(row) ? '' : known(row.results['prefix_cache_hit_rate'], percent)),
};

const BOUND: Column = {
  ...number('bound', '%', '', 100, 2),
  cell: (row) => (sharesNothing(row) ? '' : known(row.hit_rate_bound, percent)),
  result: null,
};

/** A point without a shared prefix that hits the cache nevertheless is worth seeing. */
function sharesNothing(row: ReportRow): boolean {
  return row.prefix_len === 0 && (row.results['prefix_cache_hit_rate'] ?? 0) === 0;
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
