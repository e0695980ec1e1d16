/** One thing that is wrong in a run definition, with where and what to write instead. Lines and columns are 1-based. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** Width of the marked text in its line. */
  readonly width: number;
  readonly message: string;
  /** What was expected, or what to write. */
  readonly hint: string | null;
}

/** `file:line:column  message`, the line itself with the place marked, and the hint. */
export function renderProblem(problem: Problem, source: string, file: string): string {
  const text = source.split(/\r?\n/)[problem.line - 1] ?? '';
  const gutter = String(problem.line);
  // A tab before the mark must stay a tab, or the mark stands elsewhere than the text.
  const indent = text.slice(0, problem.column - 1).replace(/[^\t]/g, ' ');
  const width = Math.max(1, Math.min(problem.width, text.length - problem.column + 1));
  return [
    `${file}:${problem.line}:${problem.column}  ${problem.message}`,
    `  ${gutter} | ${shorten(text)}`,
    `  ${' '.repeat(gutter.length)} | ${indent}${'^'.repeat(width)}`,
    ...(problem.hint === null ? [] : [`  ${' '.repeat(gutter.length)} = ${problem.hint}`]),
  ].join('\n');
}

const LONGEST = 400;

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} ...`;
}

export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
