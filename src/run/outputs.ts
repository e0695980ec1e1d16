import { REPORTS } from '../../reports/index.ts';
import { drawReports } from '../render/draw-reports.ts';
import type { Summary } from '../schema/summary.ts';
import { writeFiles } from '../sinks/directory.ts';

/** Writes the reports of a summary. `texts`: those that cost nothing, after every launch; `all`: the charts too. */
export async function writeReports(
  directory: string,
  summary: Summary,
  fontDir: string,
  which: 'texts' | 'all',
): Promise<string[]> {
  const written: string[] = [];
  const reports = which === 'all' ? REPORTS : REPORTS.filter((report) => report.id !== 'charts');
  for await (const file of drawReports(summary, fontDir, reports)) written.push(...writeFiles(directory, [file]));
  return written;
}
