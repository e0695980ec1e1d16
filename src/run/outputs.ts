import { join } from 'node:path';
import { REPORTS } from '../../reports/index.ts';
import { drawReports } from '../render/draw-reports.ts';
import type { JobRecord } from '../schema/record.ts';
import { publicSettings } from '../schema/secrets.ts';
import type { Summary } from '../schema/summary.ts';
import { writeAtomically, writeFiles } from '../sinks/directory.ts';
import { LAYOUT } from './layout.ts';

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

/** Writes the record of one job, without the secrets of its engine settings. */
export function writeRecord(directory: string, written: JobRecord): void {
  const record = { ...written, engine: publicSettings(written.engine) };
  writeAtomically(join(directory, LAYOUT.records, `${record.job_id}.json`), `${JSON.stringify(record, null, 1)}\n`);
}
