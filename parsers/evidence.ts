import type { Line, Lines } from '../src/schema/evidence.ts';

/** Longest line that is kept, in characters: a flood without a newline must not fill the memory. */
export const MAX_LINE_LENGTH = 64 * 1024;

/**
 * The lines of a text that is already in memory, as often as they are asked for.
 *
 * A line ends with \n or \r\n. A \r alone ends none: tqdm draws its bar again and again on one line.
 */
export function linesOf(text: string): Lines {
  return { [Symbol.iterator]: () => walk(text) };
}

/** What is kept of a line; a longer one is cut and says so. */
export function cutLine(text: string): string {
  if (text.length <= MAX_LINE_LENGTH) return text;
  return `${text.slice(0, MAX_LINE_LENGTH)} [line cut: ${text.length - MAX_LINE_LENGTH} characters more]`;
}

function* walk(text: string): Generator<Line> {
  let from = 0;
  for (let number = 1; from < text.length; number += 1) {
    const newline = text.indexOf('\n', from);
    const end = newline === -1 ? text.length : newline;
    const visible = newline > from && text[newline - 1] === '\r' ? end - 1 : end;
    yield { text: cutLine(text.slice(from, visible)), number };
    from = end + 1;
  }
}
