import { resultTable } from '../../../reports/table.ts';
import type { RunResult } from '../../run/run.ts';
import type { Summary } from '../../schema/summary.ts';
import type { Output, Shell } from '../shell.ts';
import { styleFor } from './style.ts';
import { counted } from './words.ts';

/** The table at the end of a run, and below it how many points are valid. */
export function resultText(summary: Summary, output: Output, env: Shell['env']): string {
  return `\n${resultTable(summary, { columns: output.columns ?? 120, style: styleFor(output, env) })}`;
}

/** The last lines of a run: where everything is, why it ended early, and the command that goes on with it. */
export function closingLines(
  { left, interruptedBy }: Pick<RunResult, 'left' | 'interruptedBy'>,
  directory: string,
  again: string,
): string {
  const lines = [`report: ${directory}/summary_report.json, charts and logs beside it`];
  if (interruptedBy !== null)
    lines.push(`interrupted by ${interruptedBy}; ${counted(left, 'measurement')} left, every finished one is kept`);
  if (left > 0) lines.push(`to go on: ${again}`);
  return `${lines.join('\n')}\n`;
}
