import { z } from 'zod';
import { Refusal } from '../src/errors/refusal.ts';
import type { Summary } from '../src/schema/summary.ts';
import type { ReportRow } from './report-row.ts';
import { entryProblem, rowOfEntry } from './row-of-entry.ts';
import { summaryEntry } from './summary-entry.ts';

/**
 * The rows of a summary, one a record. They go through the entries of summary_report.json, so that what is drawn at
 * the end of a run and what is drawn from the file later cannot differ.
 */
export function rowsOf(summary: Summary): ReportRow[] {
  return summary.records.map((record) => ({
    ...rowOfEntry(summaryEntry(record, record.run_name, summary.environment)),
    also_named: record.also_named,
  }));
}

/**
 * The rows of a summary_report.json: of ours, or of the original tool, whose entries hold less and may hold numbers
 * as text. An entry that appears under several names is one row. Throws a Refusal for anything else.
 */
export function readSummaryReport(text: string): ReportRow[] {
  const entries = z.array(z.looseObject({})).safeParse(parseJson(text));
  if (!entries.success) throw foreign('it is not a JSON array of entries');
  const rows = entries.data.map((entry, index) => {
    const problem = entryProblem(entry);
    if (problem !== null) throw foreign(`entry ${index + 1} of ${entries.data.length}: ${problem}`);
    return rowOfEntry(entry);
  });
  const named = rows.filter((row) => row.job_id === null);
  const ours = Map.groupBy(
    rows.filter((row) => row.job_id !== null),
    (row) => row.job_id,
  );
  return [...[...ours.values()].flatMap(merged), ...named];
}

/** Entries of one point, which differ in their name. */
function merged([first, ...others]: readonly ReportRow[]): ReportRow[] {
  return first === undefined ? [] : [{ ...first, also_named: others.map((row) => row.run_name) }];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw foreign(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function foreign(problem: string): Refusal {
  return new Refusal(
    'usage',
    `This file cannot be read as a summary_report.json: ${problem}.`,
    'Give the summary_report.json of a run, or `orchestrate report DIR` to write it again from the records.',
  );
}
