import type { ReportRow } from './report-row.ts';

/** Letters that stand for the notes of valid points, and what each of them says. */
export interface NoteMarks {
  /** `ab`; empty for a point without a note. */
  readonly of: (row: ReportRow) => string;
  /** A line for each letter. */
  readonly lines: readonly string[];
}

/** One letter for each kind of note, in the order in which the rows have them. */
export function noteMarks(rows: readonly ReportRow[]): NoteMarks {
  const messagesByCode = new Map<string, string[]>();
  for (const { code, message } of rows.flatMap((row) => row.notes)) {
    messagesByCode.set(code, [...(messagesByCode.get(code) ?? []), message]);
  }
  const codes = [...messagesByCode.keys()];
  return {
    of: (row) => [...new Set(row.notes.map(({ code }) => letter(codes.indexOf(code))))].toSorted().join(''),
    lines: [...messagesByCode].map(([code, messages], index) => `${letter(index)}: ${oneOfThem(code, messages)}`),
  };
}

function letter(index: number): string {
  return String.fromCodePoint('a'.charCodeAt(0) + index);
}

/** The first message stands for its kind; the others differ in their figures and are in the report. */
function oneOfThem(code: string, messages: readonly string[]): string {
  const distinct = new Set(messages).size;
  const [first = ''] = messages;
  return distinct === 1 ? `${first} (${code})` : `${first}; and ${distinct - 1} more of ${code} in summary_report.json`;
}
