import { existsSync } from 'node:fs';
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

/**
 * How to go on with an output directory: by the command that its journal has, where that still means this directory; for
 * a copied one, and for older journals, by the run definition that is kept in it.
 */
export function againFor(
  typed: { readonly command: string; readonly cwd: string; readonly directory: string } | null,
  name: string,
  { command, cwd }: Pick<Shell, 'command' | 'cwd'>,
): Again {
  const means = typed !== null && typed.directory === resolve(cwd, name) && existsSync(typed.cwd);
  const kept = `${command} run ${join([joinPath(name, LAYOUT.definition), '--output-dir', name])}`;
  const there = means && typed.cwd !== cwd ? `cd ${join([typed.cwd])} && ` : '';
  const base = means ? typed.command : kept;
  return { onlyMissing: there + onlyMissing(base), remeasuring: there + remeasuring(base) };
}

/** A directory as the user would type it. */
export function relativePath(directory: string, { cwd }: Pick<Shell, 'cwd'>): string {
  const way = relative(cwd, directory);
  return join([way === '' ? '.' : way.startsWith('..') ? directory : way]);
}
