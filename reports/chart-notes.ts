import type { ReportRow } from './report-row.ts';

/** The figure that a message is about: `±12 %`, `falls by 4.2 %`, `CV 0.08`, `64 requests`; others are told by code alone. */
const FIGURE = /±[\d.]+ %|(?<= by )[\d.]+ %|\bCV [\d.]+|\b\d+(?= requests?\b)/;

/** `wide-interval (±6.1 % to ±88 %), few-requests (64)`: each kind of note once, with the range of its figures. */
export function notesInShort(rows: readonly ReportRow[]): string {
  const notes = rows.flatMap((row) => row.notes);
  const kinds = [...Map.groupBy(notes, ({ code }) => code)];
  return kinds
    .map(([code, some]) => code + inBrackets(some.flatMap(({ message }) => FIGURE.exec(message)?.[0] ?? [])))
    .join(', ');
}

function inBrackets(figures: readonly string[]): string {
  const known = figures.toSorted((a, b) => magnitude(a) - magnitude(b));
  const [least, most] = [known[0], known.at(-1)];
  if (least === undefined || most === undefined) return '';
  return least === most ? ` (${least})` : ` (${least} to ${most})`;
}

function magnitude(figure: string): number {
  return Number(/\d[\d.]*/.exec(figure)?.[0]);
}
