import { resultTable } from '../../../reports/table.ts';
import { oneLine } from '../../../reports/table-layout.ts';
import type { RunResult } from '../../run/run.ts';
import type { JobRecord } from '../../schema/record.ts';
import type { Summary } from '../../schema/summary.ts';
import { onlyMissing, remeasuring } from '../again.ts';
import type { Output, Shell } from '../shell.ts';
import { type Problem, problemsOf } from './problems.ts';
import { styleFor } from './style.ts';
import { counted } from './words.ts';

/** The table at the end of a run, and below it how many points are valid. */
export function resultText(summary: Summary, output: Output, env: Shell['env']): string {
  return `\n${resultTable(summary, { columns: output.columns || 120, style: styleFor(output, env) })}`;
}

/** What is left to do when a run has ended. */
export interface Closing {
  readonly problems: readonly Problem[];
  /** Measures what is missing and nothing else; null where nothing is. */
  readonly again: string | null;
  /** Measures the invalid points again; null where there are none. */
  readonly remeasure: string | null;
}

/** `typed`: the command of this run. */
export function closingOf(
  {
    records,
    left,
    interruptedBy,
  }: Pick<RunResult, 'left' | 'interruptedBy'> & { readonly records: readonly JobRecord[] },
  typed: string,
): Closing {
  // That samples are missing after an interruption is told by how many are left.
  const problems = problemsOf(records).filter(({ state }) => interruptedBy === null || state !== 'incomplete');
  return {
    problems,
    again: left === 0 ? null : onlyMissing(typed),
    remeasure: problems.some(({ state }) => state === 'invalid') ? remeasuring(typed) : null,
  };
}

/** The last lines of a run: where everything is, what is missing and why, and the commands that measure only that. */
export function closingLines(
  { left, interruptedBy }: Pick<RunResult, 'left' | 'interruptedBy'>,
  directory: string,
  { problems, again, remeasure }: Closing,
): string {
  const lines = [
    `report: ${directory}/summary_report.json, charts and logs beside it`,
    ...saidOnce(problems).flatMap((problem) => problemLines(problem, directory)),
  ];
  if (interruptedBy !== null)
    lines.push(`interrupted by ${interruptedBy}; ${counted(left, 'measurement')} left, every finished one is kept`);
  if (again !== null)
    lines.push(`${interruptedBy === null ? 'to measure only what is missing' : 'to go on'}: ${again}`);
  if (remeasure !== null) lines.push(`to measure the invalid again: ${remeasure}`);
  return `${lines.join('\n')}\n`;
}

/** A message that is longer than this is read once. */
const LONG = 200;

/** Points are left out because of a failure, and their message quotes it: a long one is not told again. */
function saidOnce(problems: readonly Problem[]): Problem[] {
  return problems.map((problem, index) => {
    const { message } = problem;
    if (message.length <= LONG) return problem;
    const told = problems.slice(0, index).map((other) => other.message);
    if (told.some((earlier) => earlier.includes(message))) return { ...problem, message: 'as above' };
    const quoted = told.find((earlier) => earlier.length > LONG && message.includes(earlier));
    return quoted === undefined ? problem : { ...problem, message: message.replace(quoted, () => 'as above') };
  });
}

/** More names than this are in the table above. */
const MOST_NAMES = 5;

function problemLines(problem: Problem, directory: string): string[] {
  const { state, code, run_names, message, remedy, log } = problem;
  const names = run_names.slice(0, MOST_NAMES).join(', ');
  const more = run_names.length > MOST_NAMES ? ` and ${run_names.length - MOST_NAMES} more` : '';
  const count = run_names.length === 1 ? '' : `${counted(run_names.length, 'point')}, `;
  const lines = [message, remedy, log === null ? null : `log: ${directory}/${log}`].filter((line) => line !== null);
  return [`${WORDS[state]} (${count}${code}): ${names}${more}`, ...lines.map((line) => `  ${oneLine(line)}`)];
}

const WORDS = {
  failed: 'failed',
  skipped: 'left out',
  invalid: 'invalid',
  incomplete: 'samples missing',
} as const satisfies Record<Problem['state'], string>;
