import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPORTS } from '../../reports/index.ts';
import { drawReports } from '../render/draw-reports.ts';
import type { JobRecord } from '../schema/record.ts';
import type { RenderedFile } from '../schema/rendered.ts';
import { publicSettings } from '../schema/secrets.ts';
import type { Summary } from '../schema/summary.ts';
import { writeFiles } from '../sinks/directory.ts';
import { writeManyFiles } from '../sinks/many-files.ts';
import { LAYOUT } from './layout.ts';
import { inSlices } from './slices.ts';

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

/** Writes the records that are not as they should be: missing, older, or torn. The others are left alone. */
export async function writeRecords(directory: string, records: readonly JobRecord[]): Promise<void> {
  const stale = await inSlices(staleOf(directory, records));
  await writeManyFiles(directory, filesOf(stale));
}

/** A record as a file, without the secrets of its engine settings. */
export function fileOf(written: JobRecord): RenderedFile {
  const record = { ...written, engine: publicSettings(written.engine) };
  return { path: `${LAYOUT.records}/${record.job_id}.json`, content: `${JSON.stringify(record, null, 1)}\n` };
}

/** Made when they are written: 10,000 of them are 100 MB. */
function* filesOf(records: readonly JobRecord[]): Generator<RenderedFile> {
  for (const record of records) yield fileOf(record);
}

function* staleOf(directory: string, records: readonly JobRecord[]): Generator<undefined, JobRecord[]> {
  const stale: JobRecord[] = [];
  for (const record of records) {
    const { path, content } = fileOf(record);
    if (textOf(join(directory, path)) !== content) stale.push(record);
    yield;
  }
  return stale;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
