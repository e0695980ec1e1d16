import type { JobRecord } from '../src/schema/record.ts';
import type { Summary } from '../src/schema/summary.ts';
import type { SummaryEntry } from './entry-shape.ts';
import type { Report } from './report.ts';
import { summaryEntry } from './summary-entry.ts';

/** summary_report.json: the source document's array of entries, one under each name that a point was asked by. */
export const summaryReport: Report = {
  id: 'summary-report',
  render: (summary) => [
    {
      kind: 'file',
      file: { path: 'summary_report.json', content: `${JSON.stringify(summaryEntries(summary), null, 4)}\n` },
    },
  ],
};

/** The entries of summary_report.json as values. */
export function summaryEntries(summary: Summary): SummaryEntry[] {
  return summary.records.flatMap((record) =>
    namesOf(record).map((runName) => summaryEntry(record, runName, summary.environment)),
  );
}

function namesOf(record: JobRecord): string[] {
  return [record.run_name, ...record.also_named];
}
