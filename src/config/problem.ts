import stringWidth from 'string-width';

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
  const { before, marked, after } = excerpt(source.split(/\r?\n/)[problem.line - 1] ?? '', problem);
  const gutter = String(problem.line);
  const blank = ' '.repeat(gutter.length);
  // A tab before the mark must stay a tab, and a wide character two columns, or the mark stands elsewhere than the text.
  const indent = before.replace(/[^\t]/gu, (character) => ' '.repeat(stringWidth(character)));
  return [
    `${file}:${problem.line}:${problem.column}  ${problem.message}`,
    `  ${gutter} | ${before}${marked}${after}`,
    `  ${blank} | ${indent}${'^'.repeat(Math.max(1, stringWidth(marked)))}`,
    ...(problem.hint === null ? [] : [`  ${blank} = ${problem.hint}`]),
  ].join('\n');
}

/** What is shown of a line on each side of the marked text, in characters. */
const CONTEXT = 120;
const ELLIPSIS = '...';

/** The line in three parts; a long one is cut so that the marked part can be seen. */
function excerpt(line: string, { column, width }: Problem): { before: string; marked: string; after: string } {
  const before = line.slice(0, column - 1);
  const marked = line.slice(column - 1, column - 1 + width);
  const after = line.slice(column - 1 + width);
  return {
    before: before.length <= CONTEXT ? before : ELLIPSIS + before.slice(-CONTEXT),
    marked: marked.length <= CONTEXT ? marked : marked.slice(0, CONTEXT),
    after: after.length <= CONTEXT ? after : after.slice(0, CONTEXT) + ELLIPSIS,
  };
}

export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
