import { closeSync, fsyncSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { cutLine, MAX_LINE_LENGTH } from '../../parsers/evidence.ts';
import type { Line, Lines } from '../schema/evidence.ts';

const CHUNK_BYTES = 256 * 1024;
const CARRIAGE_RETURN = 13;

/**
 * The lines of a file, read as they are asked for: memory does not grow with the file, nor with a line that never ends.
 * Can be walked more than once.
 */
export function linesOfFile(path: string): Lines {
  return { [Symbol.iterator]: () => walk(path) };
}

function* walk(path: string): Generator<Line> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    const decoder = new StringDecoder('utf8');
    let number = 0;
    let rest = '';
    let cut = false;
    for (;;) {
      const count = readSync(file, buffer, 0, CHUNK_BYTES, null);
      if (count === 0) break;
      const text = rest + decoder.write(buffer.subarray(0, count));
      let start = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        number += 1;
        // The beginning of a cut line was given already.
        if (!cut) {
          const visible = text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end;
          yield { text: cutLine(text.slice(start, visible)), number };
        }
        cut = false;
        start = end + 1;
      }
      rest = text.slice(start);
      if (rest.length > MAX_LINE_LENGTH) {
        if (!cut) yield { text: cutLine(rest), number: number + 1 };
        cut = true;
        rest = '';
      }
    }
    if (rest !== '' && !cut) yield { text: rest, number: number + 1 };
  } finally {
    closeSync(file);
  }
}

/**
 * Flushes files of a folder to the disk, and their names with them, whoever wrote them: what the journal tells of must
 * survive a power cut before it is told. A file that is not there is no file to flush.
 */
export function flushEvidence(folder: string, names: readonly string[]): void {
  for (const name of names) flush(join(folder, name));
  flush(folder);
}

function flush(path: string): void {
  let file: number;
  try {
    // fsync(2) is about the file, not about who has written through which descriptor.
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
