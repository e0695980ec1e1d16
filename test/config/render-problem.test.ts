import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { type Problem, renderProblem } from '../../src/config/problem.ts';
import { goodRun, problemsOf } from './definition.ts';

const problem: Problem = { line: 2, column: 4, width: 3, message: 'no such thing', hint: 'write: that' };

/** What stands above the mark, cut out of a rendered problem by the columns of a terminal. */
function marked(rendered: string): string {
  const [, text = '', mark = ''] = rendered.split('\n').map((line) => line.slice(line.indexOf('|') + 2));
  const from = stringWidth(mark.slice(0, mark.indexOf('^')));
  const to = from + (mark.length - mark.indexOf('^'));
  let column = 0;
  let above = '';
  for (const character of text) {
    if (column >= from && column < to) above += character;
    column += stringWidth(character);
  }
  return above;
}

describe('a problem as people read it', () => {
  test('file:line:column, the line, a mark below the place, and the hint', () => {
    expect(renderProblem(problem, 'first\nab cde f\nthird', 'runs/x.yaml')).toBe(
      ['runs/x.yaml:2:4  no such thing', '  2 | ab cde f', '    |    ^^^', '    = write: that'].join('\n'),
    );
  });

  test('has no line for a hint that there is not, and a gutter as wide as the number', () => {
    const text = `${'x\n'.repeat(99)}abc`;
    expect(renderProblem({ ...problem, line: 100, column: 1, hint: null }, text, 'x')).toBe(
      ['x:100:1  no such thing', '  100 | abc', '      | ^^^'].join('\n'),
    );
  });

  test('does not mark beyond the end of the line', () => {
    expect(renderProblem({ ...problem, width: 1000 }, 'first\nab cde\nthird', 'x')).toContain('    |    ^^^\n');
  });

  test('keeps a tab before the place, so that the mark moves with it', () => {
    expect(renderProblem({ ...problem, column: 3, width: 1 }, 'first\na\tb', 'x')).toContain(
      '  2 | a\tb\n    |  \t^\n',
    );
  });

  test('shows a line of a file with Windows line ends without them', () => {
    expect(renderProblem(problem, 'first\r\nab cde\r\n', 'x').split('\n')[1]).toBe('  2 | ab cde');
  });

  test('the mark stands under what is wrong, whatever ASCII stands before it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'aZ09 ,_-'), { maxLength: 60 }), (before) => {
        const text = goodRun(`env: {A: "${before.join('')}", B: [77]}`);
        const [one] = problemsOf(text);
        expect(one && marked(renderProblem(one, text, 'x'))).toBe('[77]');
      }),
    );
  });

  // A character of East Asian scripts is two columns wide.
  test('the mark stands under what is wrong behind wide characters', () => {
    const text = goodRun('env: {A: "模型", B: [77]}');
    const [one] = problemsOf(text);
    expect(one && marked(renderProblem(one, text, 'x'))).toBe('[77]');
  });

  test('the mark stands under what is wrong in a line that is too long to be shown whole', () => {
    const text = goodRun(`env: {A: "${'x'.repeat(1000)}", B: [77]}`);
    const [one] = problemsOf(text);
    const rendered = renderProblem(one ?? problem, text, 'x');
    expect(Math.max(...rendered.split('\n').map((line) => line.length))).toBeLessThan(500);
    expect(marked(rendered)).toBe('[77]');
  });
});
