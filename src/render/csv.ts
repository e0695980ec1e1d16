import { stringify } from 'csv-stringify/sync';
import type { CsvTable } from '../../reports/report.ts';
import type { RenderedFile } from '../schema/rendered.ts';

/** A CSV file: RFC 4180 quoting, lines ended by LF; a text that a spreadsheet would run as a formula is disarmed. */
export function csvFile({ path, header, rows }: CsvTable): RenderedFile {
  return { path, content: stringify([[...header], ...rows.map((row) => [...row])], { escape_formulas: true }) };
}
