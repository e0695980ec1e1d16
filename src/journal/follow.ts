import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** Reads what a growing file has gained since the last look, as whole lines. */
export interface Follower {
  /**
   * New whole lines, read while they are walked through: at most a few MiB a look, so that a writer who is faster than
   * we are does not hold us for ever. With `final`, all that is left, and a last line without its end too.
   */
  read(final?: boolean): Iterable<string>;
  /** What stands behind the last whole line, as far as it was read: the state of a progress bar. */
  pending(): string;
  close(): void;
}

const CHUNK_BYTES = 64 * 1024;
const MOST_BYTES_A_LOOK = 4 * 2 ** 20;
/** A "line" longer than this is a progress bar or a dump of binary data; it is cut into pieces. */
const LONGEST_LINE = 64 * 1024;

/**
 * Follows a file that another process writes. Carriage returns end a line too: progress bars overwrite themselves with
 * them, and only the last state is worth a line.
 */
export function follow(path: string): Follower {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    *read(final = false) {
      for (let left = final ? Number.POSITIVE_INFINITY : MOST_BYTES_A_LOOK; left > 0; ) {
        const count = readSync(file, buffer, 0, CHUNK_BYTES, null);
        if (count === 0) break;
        left -= count;
        const lines = (rest + decoder.write(buffer.subarray(0, count))).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > LONGEST_LINE) {
          lines.push(rest);
          rest = '';
        }
        yield* lines.map(lastState);
      }
      if (!final || rest === '') return;
      const last = rest;
      rest = '';
      yield lastState(last);
    },
    pending: () => lastState(rest),
    close: () => closeSync(file),
  };
}

/** `10%\r20%\r30%` -> `30%`. */
function lastState(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}
