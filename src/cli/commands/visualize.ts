import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { chartsFromRows } from '../../../reports/charts/index.ts';
import { readSummaryReport } from '../../../reports/report-rows.ts';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { drawChart } from '../../render/draw-reports.ts';
import { writeFiles } from '../../sinks/directory.ts';
import type { Shell } from '../shell.ts';
import { workspaceOf } from '../workspace.ts';

/** Draws the charts of a summary_report.json, ours or the original tool's, from that file alone. */
export async function visualizeCommand(file: string, options: { outputDir?: string }, shell: Shell): Promise<ExitCode> {
  const path = resolve(shell.cwd, file);
  const rows = readSummaryReport(readText(path, file));
  const charts = chartsFromRows(rows);
  if (charts.length === 0)
    throw new Refusal(
      'usage',
      `${file}: no point of it can be drawn`,
      'its results are all missing, failed or invalid',
    );
  const directory = resolve(shell.cwd, options.outputDir ?? dirname(path));
  for (const chart of charts) {
    for (const written of writeFiles(directory, await drawChart(chart, workspaceOf(shell).fontDir)))
      shell.stdout.write(`${written}\n`);
  }
  return EXIT.ok;
}

function readText(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refusal('usage', `${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
}
