import { loadConfig } from '../../config/load.ts';
import { EXIT, type ExitCode } from '../../errors/refusal.ts';
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
  const results = files.map((file) => {
    const text = readDefinition(file, shell);
    const loaded = loadConfig(text, { modes: MODE_IDS, maxJobs: options.maxJobs });
    return 'problems' in loaded
      ? { file, text, problems: loaded.problems, points: null }
      : { file, text, problems: [], points: loaded.config.runs.reduce((sum, run) => sum + pointCount(run), 0) };
  });
  const people = options.json ? shell.stderr : shell.stdout;
  for (const { file, text, problems, points } of results) {
    if (points === null) shell.stderr.write(`orchestrate: ${renderProblems(problems, text, file)}\n`);
    else people.write(`${file}: valid, ${points} ${points === 1 ? 'point' : 'points'}\n`);
  }
  if (options.json) {
    const value = results.map(({ file, problems, points }) => ({ file, valid: points !== null, points, problems }));
    shell.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }
  return results.some(({ points }) => points === null) ? EXIT.usage : EXIT.ok;
}
