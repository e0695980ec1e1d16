import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** Reads what a growing file has gained since the last look, as whole lines. */
export interface Follower {
  /** New whole lines; with `final`, a last line without its end too. */
  read(final?: boolean): string[];
  close(): void;
}

const CHUNK_BYTES = 64 * 1024;
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
    read: (final = false) => {
      const lines: string[] = [];
      for (;;) {
        const count = readSync(file, buffer, 0, CHUNK_BYTES, null);
        if (count === 0) break;
        const parts = (rest + decoder.write(buffer.subarray(0, count))).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts.map(lastState));
        if (rest.length > LONGEST_LINE) {
          lines.push(lastState(rest));
          rest = '';
        }
      }
      if (final && rest !== '') {
        lines.push(lastState(rest));
        rest = '';
      }
      return lines;
    },
    close: () => closeSync(file),
  };
}

/** `10%\r20%\r30%` -> `30%`. */
function lastState(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}
