import { readFileSync, type Stats, statSync } from 'node:fs';
import { linesOfFile } from '../journal/evidence-file.ts';
import type { Line, Lines } from '../schema/evidence.ts';

/** A measurement of 500,000 requests is half of it; a longer string than 512 MiB is more than JavaScript can hold. */
const LARGEST_BYTES = 128 * 2 ** 20;

/** The text of a file, or why there is none: a clause that follows its name. */
export type Evidence = { readonly text: string } | { readonly unreadable: string };

/** Reads a whole file that somebody else named or wrote; whatever lies there, it throws nothing. Null: nothing does. */
export function readEvidence(path: string): Evidence | null {
  try {
    const problem = problemOf(path);
    if (problem !== null) return problem === ABSENT ? null : { unreadable: problem };
    const { size } = statSync(path);
    if (size > LARGEST_BYTES) return { unreadable: `${size} bytes, which is no measurement` };
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { unreadable: `cannot be read (${codeOf(error)})` };
  }
}

const ABSENT = 'is not there';

/** Why the lines of a file cannot be read, a clause that follows its name; null when they can. */
export function problemOf(path: string): string | null {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return `cannot be read (${codeOf(error)})`;
  }
  if (stats === undefined) return ABSENT;
  // A pipe would be waited for without end.
  return stats.isFile() ? null : `is ${stats.isDirectory() ? 'a folder' : 'no file'}`;
}

/** The lines of a file, as far as they can be read: none of what is no file. Can be walked more than once. */
export function linesOfEvidence(path: string): Lines {
  return { [Symbol.iterator]: () => walk(path) };
}

function* walk(path: string): Generator<Line> {
  if (problemOf(path) !== null) return;
  try {
    yield* linesOfFile(path);
  } catch {
    // What a failing disk does not give is not there.
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
