import { resultTable } from '../../../reports/table.ts';
import type { RunResult } from '../../run/run.ts';
import type { Summary } from '../../schema/summary.ts';
import { countStates } from '../../summary/summary.ts';
import type { Output, Shell } from '../shell.ts';
import { styleFor } from './style.ts';
import { counted } from './words.ts';

/** The table at the end of a run. */
export function resultText(summary: Summary, output: Output, env: Shell['env']): string {
  return `\n${resultTable(summary, { columns: output.columns ?? 120, style: styleFor(output, env) })}\n`;
}

/** The last lines of a run: how it went, where everything is, and the command that goes on with it. */
export function closingLines({ summary, left, interruptedBy }: RunResult, directory: string, again: string): string {
  const counts = countStates(summary.records);
  const parts = (['valid', 'invalid', 'failed', 'skipped', 'not-run'] as const).filter((state) => counts[state] > 0);
  const verdict = parts.map((state) => `${counts[state]} ${state}`).join(', ');
  const lines = [
    `${summary.records.length} ${summary.records.length === 1 ? 'point' : 'points'}: ${verdict}`,
    `report: ${directory}/summary_report.json, charts and logs beside it`,
  ];
  if (interruptedBy !== null)
    lines.push(`interrupted by ${interruptedBy}; ${counted(left, 'measurement')} left, every finished one is kept`);
  if (left > 0) lines.push(`to go on: ${again}`);
  return `${lines.join('\n')}\n`;
}
