import { existsSync, realpathSync } from 'node:fs';
import { join as joinPath, relative, resolve } from 'node:path';
import { join, split } from 'shlex';
import { LAYOUT } from '../run/layout.ts';
import { publicFlags } from '../schema/secrets.ts';
import type { Shell } from './shell.ts';

const REMEASURE_INVALID = '--remeasure-invalid';

/** The command as it was typed, for a shell. */
export function typedCommand({ command, argv }: Pick<Shell, 'command' | 'argv'>): string {
  return `${command} ${join([...argv])}`;
}

/** The same for the journal: without secrets, and with where it was typed and what it writes to. */
export function typedFor(directory: string, shell: Shell): { command: string; cwd: string; directory: string } {
  const { command, argv, cwd } = shell;
  return { command: typedCommand({ command, argv: publicFlags(argv) }), cwd, directory };
}

/** A command that measures only what is missing. */
export function onlyMissing(command: string): string {
  const words = split(command);
  return words.includes(REMEASURE_INVALID) ? join(words.filter((word) => word !== REMEASURE_INVALID)) : command;
}

/** A command that measures the invalid points again. */
export function remeasuring(command: string): string {
  const words = split(command);
  if (words.includes(REMEASURE_INVALID)) return command;
  // What stands behind -- are flags of vLLM.
  const end = words.indexOf('--');
  return end < 0
    ? `${command} ${REMEASURE_INVALID}`
    : join([...words.slice(0, end), REMEASURE_INVALID, ...words.slice(end)]);
}

/** Commands that go on with an output directory, for a shell. */
export interface Again {
  readonly onlyMissing: string;
  readonly remeasuring: string;
}

/** A command as the journal has it, with where it was typed and what it writes to. */
export type Typed = ReturnType<typeof typedFor>;

/**
 * How to go on with an output directory: by the command that its journal has, where that still means this directory;
 * for a copied one, and for older journals, by the run definition that is kept in it, with the options of the command
 * that hold there too.
 */
export function againFor(typed: Typed | null, name: string, { command, cwd }: Pick<Shell, 'command' | 'cwd'>): Again {
  const means = typed !== null && isSamePlace(typed.directory, resolve(cwd, name)) && existsSync(typed.cwd);
  const kept = typed === null ? [] : optionsOf(typed);
  const base = means
    ? typed.command
    : `${command} run ${join([joinPath(name, LAYOUT.definition), '--output-dir', name, ...kept])}`;
  const there = means && !isSamePlace(typed.cwd, cwd) ? `cd ${join([typed.cwd])} && ` : '';
  return { onlyMissing: there + onlyMissing(base), remeasuring: there + remeasuring(base) };
}

/** Whatever links lead there. */
function isSamePlace(one: string, other: string): boolean {
  return realPath(one) === realPath(other);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** Options that change how a run definition is carried out, whatever file it stands in; true: with a value. */
const KEPT_OPTIONS: Readonly<Record<string, boolean>> = {
  ...{ '--python': true, '--max-retries': true, '--retry-delay': true, '--max-jobs': true },
  ...{ '--strict': false },
};

/** Those of them that a command has and that still can be given. What stands behind -- are flags of vLLM. */
function optionsOf({ command, cwd }: Typed): string[] {
  const words = split(command);
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  return own.flatMap((word, index) => {
    const [option = '', ...rest] = word.split('=');
    const hasValue = KEPT_OPTIONS[option];
    if (hasValue === undefined) return [];
    if (!hasValue) return [option];
    const value = word.includes('=') ? rest.join('=') : (own[index + 1] ?? '');
    if (option !== '--python') return [option, value];
    // Perhaps it was typed on another machine.
    const python = resolve(cwd, value);
    return existsSync(python) ? [option, python] : [];
  });
}

/** A directory as the user would type it. */
export function relativePath(directory: string, { cwd }: Pick<Shell, 'cwd'>): string {
  const way = relative(cwd, directory);
  return join([way === '' ? '.' : way.startsWith('..') ? directory : way]);
}
