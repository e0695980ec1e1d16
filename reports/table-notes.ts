import type { ReportRow } from './report-row.ts';
import type { Column } from './table-columns.ts';
import { oneLine } from './table-layout.ts';

/** Reasons for one column; more of them are in the report. */
const MOST_REASONS = 2;

/** Why valid points have a `–` in a column: one line a reason, columns that share it together. */
export function missingNotes(rows: readonly ReportRow[], table: readonly Column[]): string[] {
  const columnsByReason = new Map<string, string[]>();
  for (const { result, name } of table) {
    if (result === null) continue;
    for (const reason of reasonsFor(rows, result)) {
      columnsByReason.set(reason, [...(columnsByReason.get(reason) ?? []), name]);
    }
  }
  return [...columnsByReason].map(([reason, names]) => `– in ${names.join(', ')}: ${reason}`);
}

function reasonsFor(rows: readonly ReportRow[], result: string): string[] {
  const without = rows.filter((row) => row.state === 'valid' && typeof row.results[result] !== 'number');
  const reasons = [...new Set(without.map((row) => oneLine(row.missing[result] ?? 'the file does not have it')))];
  return reasons.length <= MOST_REASONS
    ? reasons
    : [...reasons.slice(0, MOST_REASONS), `${reasons.length - MOST_REASONS} other reasons, see summary_report.json`];
}
