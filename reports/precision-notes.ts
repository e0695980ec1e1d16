import { precisionText } from './axes.ts';
import type { ReportRow } from './report-row.ts';
import { oneLine } from './table-layout.ts';

/** What the name of a precision does not say by itself: what is small, and which checkpoint it came from. */
export function precisionNotes(rows: readonly ReportRow[]): string[] {
  return [...weightsOnly(rows), ...checkpoints(rows)];
}

/** Small weights alone are often taken for fast arithmetic. */
function weightsOnly(rows: readonly ReportRow[]): string[] {
  const labels = [...new Set(rows.flatMap((row) => row.ran ?? []))].filter((label) => /A16\b/.test(label));
  return labels.map((label) => `${oneLine(label)}: only the weights are small; the arithmetic is 16-bit.`);
}

/** Which checkpoint stood for a precision; one that all rows share is told above the table. */
function checkpoints(rows: readonly ReportRow[]): string[] {
  if (new Set(rows.map((row) => row.checkpoint)).size < 2) return [];
  const lines = rows.flatMap((row) =>
    row.checkpoint === null ? [] : [oneLine(`${precisionText(row)}: checkpoint ${row.checkpoint}`)],
  );
  return [...new Set(lines)];
}
