import type { Summary } from '../src/schema/summary.ts';
import { settingsOrder, varyingAxes } from './axes.ts';
import { conditions } from './conditions.ts';
import { byLengths } from './lengths.ts';
import type { ReportRow } from './report-row.ts';
import { rowsOf } from './report-rows.ts';
import { countStates } from './state-words.ts';
import { type Column, tableColumns } from './table-columns.ts';
import { lined, oneLine, type TableStyle, wrappedWords } from './table-layout.ts';
import { missingNotes } from './table-notes.ts';

export interface TableOptions {
  /** Characters that a line may have. */
  readonly columns: number;
  readonly style: TableStyle;
}

/** The end of a run for a person: what was measured, in lines of at most `columns` characters. */
export function resultTable(summary: Summary, options: TableOptions): string {
  return resultTableOfRows(rowsOf(summary), options);
}

/** The same from rows, as `readSummaryReport` gives them. */
export function resultTableOfRows(rows: readonly ReportRow[], options: TableOptions): string {
  const { style, columns } = options;
  const lines = [style.heading(countStates(rows.map((row) => row.state)))];
  for (const [model, ofModel] of Map.groupBy(rows, (row) => row.model)) {
    lines.push('', ...wrappedWords(oneLine(model), columns, '').map(style.heading), ...modelTable(ofModel, options));
  }
  return `${lines.join('\n')}\n`;
}

function modelTable(unordered: readonly ReportRow[], { columns, style }: TableOptions): string[] {
  const axes = varyingAxes(unordered);
  const bySettings = settingsOrder(unordered, axes);
  const rows = unordered.toSorted(
    (a, b) => bySettings(a, b) || byLengths(a, b) || a.tensor_parallel_size - b.tensor_parallel_size,
  );
  const table = tableColumns(rows, axes);
  const tp =
    new Set(rows.map((row) => row.tensor_parallel_size)).size === 1 ? [`TP ${rows[0]?.tensor_parallel_size}`] : [];
  const quiet = (text: string): string[] => wrappedWords(text, columns, '').map(style.dim);
  const { lines, dropped } = lined(rows, table, { columns, style, reason: reasonUnder(rows) });
  return [
    ...quiet([...tp, ...conditions(rows)].map(oneLine).join(' · ')),
    '',
    ...lines,
    '',
    ...[...explanations(table), ...missingNotes(rows, table)].flatMap(quiet),
    ...(dropped.length === 0 ? [] : quiet(`Too narrow for: ${dropped.join(', ')}; benchmark_summary.csv has all.`)),
  ];
}

function explanations(table: readonly Column[]): string[] {
  const shown = new Set(table.map((column) => column.name));
  return [
    ...(shown.has('TTFT avg') ? ['TTFT: offline burst, all requests are sent at once, so it includes the queue.'] : []),
    ...(shown.has('±') ? ['±: standard deviation over the samples of a point.'] : []),
    ...(shown.has('hit rate') ? ['hit rate: of the prefix cache; bound: the best that the lengths allow.'] : []),
  ];
}

/** Why a row is not valid; one that has the same reason as the row before it says so. */
function reasonUnder(rows: readonly ReportRow[]): (row: ReportRow, index: number) => string | null {
  const text = (row: ReportRow | undefined): string | null =>
    row === undefined || row.reasons.length === 0 ? null : row.reasons.map(oneLine).join('; ');
  return (row, index) => {
    const own = text(row);
    return own !== null && own === text(rows[index - 1]) ? 'the same' : own;
  };
}
