import { precisionNotes } from './precision-notes.ts';
import type { ReportRow } from './report-row.ts';
import type { Column } from './table-columns.ts';
import { oneLine } from './table-layout.ts';

/** What the columns that are shown mean, a line each; nothing for those that speak for themselves. */
export function explanations(rows: readonly ReportRow[], table: readonly Column[]): string[] {
  const shown = new Set(table.map((column) => column.name));
  const used = ['MBU', 'MFU'].filter((name) => shown.has(name));
  return [
    ...(shown.has('TTFT avg') ? ['TTFT: offline burst, all requests are sent at once, so it includes the queue.'] : []),
    ...(shown.has('95% CI') ? [`95% CI: of the output throughput, ${intervalsOver(rows, OUTPUT)}.`] : []),
    ...(shown.has('CV') ? ['CV: of the output throughput, standard deviation over mean of the samples.'] : []),
    ...(used.length > 0 ? [`${used.join(', ')}: reached share of ${limits(used, rows)}.`] : []),
    ...(used.length > 0 ? [] : unbounded(rows)),
    ...(shown.has('hit rate') ? ['hit rate: of the prefix cache; bound: the best rate that the lengths allow.'] : []),
    ...precisionNotes(rows),
  ];
}

const OUTPUT = 'throughput_output_tokens_per_sec';

/** What varied for the intervals of a result. */
export function intervalsOver(rows: readonly ReportRow[], result: string): string {
  const over = new Set(rows.map((row) => row.spread[result]?.ci95?.over));
  if (!over.has('repeats')) return 'over engine starts';
  return over.has('starts')
    ? 'over engine starts where there are several, else over repeats'
    : 'over the repeats of one engine start, not over starts';
}

/** Why there is no MBU and no MFU: what is not held against a bound says so. */
function unbounded(rows: readonly ReportRow[]): string[] {
  const without = rows.filter((row) => row.state === 'valid' && typeof row.results['mbu'] !== 'number');
  const [reason, ...others] = new Set(without.flatMap((row) => row.missing['mbu'] ?? []));
  return reason === undefined || others.length > 0 ? [] : [`MBU, MFU: ${reason}`];
}

const LIMITS: Readonly<Record<string, string>> = { MBU: 'memory bandwidth', MFU: 'arithmetic' };

function limits(used: readonly string[], rows: readonly ReportRow[]): string {
  const devices = [...new Set(rows.flatMap((row) => (row.accelerator === null ? [] : [oneLine(row.accelerator)])))];
  const what = used.map((name) => LIMITS[name]).join(' and ');
  return devices.length === 1 ? `${what} of ${devices[0]}` : what;
}

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
