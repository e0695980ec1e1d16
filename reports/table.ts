import type { Summary } from '../src/schema/summary.ts';
import { settingsOrder, varyingAxes } from './axes.ts';
import { conditions } from './conditions.ts';
import { byLengths } from './lengths.ts';
import { noteMarks } from './note-marks.ts';
import type { ReportRow } from './report-row.ts';
import { rowsOf } from './report-rows.ts';
import { countStates } from './state-words.ts';
import { tableColumns } from './table-columns.ts';
import { lined, oneLine, type TableStyle, wrappedWords } from './table-layout.ts';
import { explanations, missingNotes } from './table-notes.ts';

export interface TableOptions {
  /** Characters that a line may have. */
  readonly columns: number;
  readonly style: TableStyle;
}

/** The end of a run for a person: what was measured, in lines of at most `columns` characters. */
export function resultTable(summary: Summary, options: TableOptions): string {
  return resultTableOfRows(rowsOf(summary), options);
}

/** The same from rows, as `readSummaryReport` gives them. The verdict stands last, where the cursor is. */
export function resultTableOfRows(rows: readonly ReportRow[], options: TableOptions): string {
  const { style, columns } = options;
  const tables = [...Map.groupBy(rows, (row) => row.model)].flatMap(([model, ofModel]) => [
    ...wrappedWords(oneLine(model), columns, '').map(style.heading),
    ...modelTable(ofModel, options),
    '',
  ]);
  return `${[...tables, ...wrappedWords(countStates(rows), columns, '').map(style.heading)].join('\n')}\n`;
}

function modelTable(unordered: readonly ReportRow[], { columns, style }: TableOptions): string[] {
  const axes = varyingAxes(unordered);
  const bySettings = settingsOrder(unordered, axes);
  const rows = unordered.toSorted(
    (a, b) => bySettings(a, b) || byLengths(a, b) || a.tensor_parallel_size - b.tensor_parallel_size,
  );
  const marks = noteMarks(rows);
  const tp =
    new Set(rows.map((row) => row.tensor_parallel_size)).size === 1 ? [`TP ${rows[0]?.tensor_parallel_size}`] : [];
  const quiet = (text: string): string[] => wrappedWords(oneLine(text), columns, '').map(style.dim);
  const { lines, shown, dropped } = lined(rows, tableColumns(rows, axes, marks), {
    columns,
    style,
    reason: reasonUnder(rows),
  });
  return [
    ...quiet([...tp, ...conditions(rows)].map(oneLine).join(' · ')),
    '',
    ...lines,
    '',
    ...marks.lines.flatMap(quiet),
    ...[...explanations(rows, shown), ...missingNotes(rows, shown)].flatMap(quiet),
    ...(dropped.length === 0 ? [] : quiet(`Too narrow for: ${dropped.join(', ')}; benchmark_summary.csv has all.`)),
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
