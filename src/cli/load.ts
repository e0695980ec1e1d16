import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { type Problem, renderProblem } from '../config/problem.ts';
import { Refusal } from '../errors/refusal.ts';
import { MODE_IDS } from '../modes/index.ts';
import type { RunConfig } from '../schema/run-config.ts';
import type { Shell } from './shell.ts';

/** More than any run definition that a person or a script writes; YAML of this size takes seconds and gigabytes. */
const LARGEST_BYTES = 16 * 2 ** 20;

export interface Definition {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
  readonly config: RunConfig;
}

/** Reads and checks a run definition; throws a usage refusal that shows every problem. */
export function loadDefinition(file: string, maxJobs: number, shell: Shell): Definition {
  const text = readDefinition(file, shell);
  const loaded = loadConfig(text, { modes: MODE_IDS, maxJobs });
  if ('problems' in loaded) throw new Refusal('usage', `${renderProblems(loaded.problems, text, file)}`);
  return { file, text, config: fromHere(loaded.config, shell) };
}

export function readDefinition(file: string, shell: Shell): string {
  const path = resolve(shell.cwd, file);
  try {
    const size = statSync(path).size;
    if (size > LARGEST_BYTES)
      throw new Refusal('usage', `${file} has ${Math.round(size / 2 ** 20)} MiB; a run definition has at most 16`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
}

/** A launch runs in a folder of its own, so a benchmark script that is named by a relative path is looked for from here. */
function fromHere(config: RunConfig, shell: Shell): RunConfig {
  const runs = config.runs.map((run) =>
    run.driver.kind === 'script'
      ? { ...run, driver: { ...run.driver, path: resolve(shell.cwd, run.driver.path) } }
      : run,
  );
  return { ...config, runs };
}

/** Every problem with its place, and how many there are. */
export function renderProblems(problems: readonly Problem[], text: string, file: string): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${count} in ${file}; nothing was started\n\n${problems.map((problem) => renderProblem(problem, text, file)).join('\n\n')}\n`;
}

/** The name of a run definition without its folder and ending: the name of its results. */
export function stemOf(file: string): string {
  return basename(file).replace(/\.ya?ml$/i, '') || 'run';
}

function unreadable(file: string, error: NodeJS.ErrnoException): Refusal {
  const why =
    error.code === 'ENOENT' ? 'there is no such file' : error.code === 'EISDIR' ? 'this is a folder' : error.message;
  return new Refusal('usage', `${file}: ${why}`);
}
