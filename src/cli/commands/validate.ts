import { loadConfig } from '../../config/load.ts';
import type { Problem } from '../../config/problem.ts';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { MODE_IDS } from '../../modes/index.ts';
import { pointCount } from '../../schema/run-config.ts';
import { readDefinition, renderProblems } from '../load.ts';
import type { Shell } from '../shell.ts';

export interface ValidateOptions {
  readonly maxJobs: number;
  readonly json?: boolean;
}

/** Checks run definitions; every problem of every file. */
export async function validateCommand(
  files: readonly string[],
  options: ValidateOptions,
  shell: Shell,
): Promise<ExitCode> {
  const results = files.map((file) => checked(file, options.maxJobs, shell));
  const people = options.json ? shell.stderr : shell.stdout;
  for (const { file, text, problems, points } of results) {
    if (text === null) shell.stderr.write(`orchestrate: ${problems.map(({ message }) => message).join('; ')}\n`);
    else if (points === null) shell.stderr.write(`orchestrate: ${renderProblems(problems, text, file)}\n`);
    else people.write(`${file}: valid, ${points} ${points === 1 ? 'point' : 'points'}\n`);
  }
  if (options.json) {
    const value = results.map(({ file, problems, points }) => ({ file, valid: points !== null, points, problems }));
    shell.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }
  return results.some(({ points }) => points === null) ? EXIT.usage : EXIT.ok;
}

interface Checked {
  readonly file: string;
  /** Null when the file cannot be read. */
  readonly text: string | null;
  readonly problems: readonly Problem[];
  readonly points: number | null;
}

function checked(file: string, maxJobs: number, shell: Shell): Checked {
  let text: string;
  try {
    text = readDefinition(file, shell);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const problem = { line: 1, column: 1, width: 1, message: error.message, hint: error.remedy };
    return { file, text: null, problems: [problem], points: null };
  }
  const loaded = loadConfig(text, { modes: MODE_IDS, maxJobs });
  if ('problems' in loaded) return { file, text, problems: loaded.problems, points: null };
  return { file, text, problems: [], points: loaded.config.runs.reduce((sum, run) => sum + pointCount(run), 0) };
}
