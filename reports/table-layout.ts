import stringWidth from 'string-width';
import type { ReportRow } from './report-row.ts';
import type { Column } from './table-columns.ts';

/** How the parts of a table look in a terminal; each gets a text and gives it back, coloured or not. */
export interface TableStyle {
  readonly heading: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bad: (text: string) => string;
}

const same = (text: string): string => text;

/** No colour: for a file, a pipe or NO_COLOR. */
export const PLAIN_STYLE: TableStyle = { heading: same, dim: same, bad: same };

const GAP = '  ';
const INDENT = '    ';
/** A column of text is cut to no less than this. */
const SHORTEST_TEXT = 12;

interface LineOptions {
  readonly columns: number;
  readonly style: TableStyle;
  /** What stands under a row; null for nothing. */
  readonly reason: (row: ReportRow, index: number) => string | null;
}

/** The lines of a table that is no wider than `columns`, its columns, and the names of those that had to go for it. */
export function lined(
  rows: readonly ReportRow[],
  table: readonly Column[],
  { columns, style, reason }: LineOptions,
): { lines: string[]; shown: Column[]; dropped: string[] } {
  const cells = table.map((column) => ({ column, texts: rows.map(column.cell), width: 0 }));
  const wide = cells.map((one) => ({
    ...one,
    width: Math.max(...headings(one.column), ...one.texts.map((text) => stringWidth(text))),
  }));
  const { kept, dropped } = dropToFit(wide, columns);
  const fitted = cutToFit(kept, columns);

  const line = (text: (one: Fitted) => string): string =>
    fitted
      .map((one) => aligned(text(one), one))
      .join(GAP)
      .trimEnd();
  const units = line((one) => one.column.unit);
  const lines = [style.heading(line((one) => one.column.name)), ...(units === '' ? [] : [style.dim(units)])];
  for (const [index, row] of rows.entries()) {
    const text = line((one) => one.texts[index] ?? '');
    lines.push(row.state === 'valid' ? text : style.bad(text));
    const why = reason(row, index);
    if (why !== null) lines.push(...wrappedWords(why, columns, INDENT).map(style.dim));
  }
  return { lines, shown: kept.map((one) => one.column), dropped };
}

interface Fitted {
  readonly column: Column;
  readonly texts: readonly string[];
  readonly width: number;
}

function headings(column: Column): number[] {
  return [stringWidth(column.name), stringWidth(column.unit)];
}

function dropToFit(all: readonly Fitted[], columns: number): { kept: Fitted[]; dropped: string[] } {
  const kept = [...all];
  const dropped: string[] = [];
  while (lineWidth(kept) > columns) {
    const most = Math.max(...kept.map((one) => one.column.dispensable));
    if (most === 0) break;
    const [gone] = kept.splice(
      kept.findLastIndex((one) => one.column.dispensable === most),
      1,
    );
    if (gone !== undefined) dropped.unshift(gone.column.name);
  }
  return { kept, dropped };
}

/** Cuts the widest text until the line fits or nothing is left to cut. */
function cutToFit(kept: readonly Fitted[], columns: number): Fitted[] {
  const excess = lineWidth(kept) - columns;
  const longest = kept.filter((one) => one.column.align === 'left').toSorted((a, b) => b.width - a.width)[0];
  if (excess <= 0 || longest === undefined || longest.width <= SHORTEST_TEXT) return [...kept];
  const width = Math.max(SHORTEST_TEXT, longest.width - excess);
  const cut = { ...longest, width, texts: longest.texts.map((text) => cutText(text, width)) };
  return cutToFit(
    kept.map((one) => (one === longest ? cut : one)),
    columns,
  );
}

function lineWidth(cells: readonly Fitted[]): number {
  return cells.reduce((sum, one) => sum + one.width, GAP.length * (cells.length - 1));
}

function cutText(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = '';
  for (const character of text) {
    if (stringWidth(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

function aligned(text: string, { column, width }: Fitted): string {
  const air = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return column.align === 'right' ? air + text : text + air;
}

/** Words in lines of at most `columns` characters; a word that is longer has its own line. */
export function wrappedWords(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? `${indent}${word}` : `${line} ${word}`;
    if (line !== '' && stringWidth(longer) > columns) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = longer;
    }
  }
  return line.trim() === '' ? lines : [...lines, line];
}

/** Names and reasons come from outside; in a terminal they must not move the cursor or set a colour. */
export function oneLine(text: string): string {
  return text
    .replaceAll(ANSI_SEQUENCE, '')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}

const ANSI_SEQUENCE = /\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu;
