import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { Env } from './on-path.ts';

/** What the probe says of its own answer: which Python gave it, and the files and folders that it depends on. */
const Validity = z.object({ executable: z.string(), depends_on: z.array(z.string()) });

/** An answer with what each file that it depends on looked like; null: there was no such file. */
const Kept = z.object({ answer: z.unknown(), files: z.record(z.string(), z.string().nullable()) });

/** What an answer of the probe is kept for. */
export interface Question {
  readonly python: string;
  readonly env: Env;
}

/** The answer that was kept for this Python; null when there is none, or anything that it depends on has changed. */
export function recall(directory: string, question: Question): unknown {
  try {
    const { answer, files } = Kept.parse(JSON.parse(readFileSync(fileOf(directory, question), 'utf8')));
    return Object.entries(files).every(([path, look]) => lookOf(path) === look) ? answer : null;
  } catch {
    return null;
  }
}

/**
 * Keeps an answer for the next command. Not one of a program that only starts a Python (the shims of pyenv choose it by
 * the current directory), and not where Python looks for packages relative to that directory. A directory that cannot
 * be written to costs the next command a tenth of a second.
 */
export function keep(directory: string, question: Question, answer: unknown): void {
  const validity = Validity.safeParse(answer);
  if (!validity.success || !isSameFile(question.python, validity.data.executable) || looksAround(question.env)) return;
  const files = Object.fromEntries(validity.data.depends_on.map((path) => [path, lookOf(path)]));
  try {
    mkdirSync(directory, { recursive: true });
    // Written in place: of a torn file, and of one that two commands wrote at once, nothing can be read.
    writeFileSync(fileOf(directory, question), JSON.stringify({ files, answer }));
  } catch {
    // The next command asks again.
  }
}

/** Named after the interpreter, unresolved, and the variables that decide where it finds packages. */
function fileOf(directory: string, { python, env }: Question): string {
  const deciding = Object.entries(env)
    .filter(([name]) => name.startsWith('PYTHON') || name === 'HOME')
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256')
    .update(JSON.stringify([python, deciding]))
    .digest('hex');
  return join(directory, `${hash.slice(0, 16)}.json`);
}

/** What tells a changed file or folder from an unchanged one. */
function lookOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : [found.mtimeNs, found.size, found.ino].join(' ');
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function looksAround(env: Env): boolean {
  const path = env['PYTHONPATH'] ?? '';
  return path !== '' && !path.split(delimiter).every((entry) => isAbsolute(entry));
}
