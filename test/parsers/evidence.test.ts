import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutLine, linesOf, MAX_LINE_LENGTH } from '../../parsers/evidence.ts';

test.each([
  { text: '', lines: [] },
  { text: 'one', lines: ['one'] },
  { text: 'one\ntwo\n', lines: ['one', 'two'] },
  { text: 'one\r\ntwo\r\n', lines: ['one', 'two'] },
  { text: '\n\n', lines: ['', ''] },
  { text: '\r\n', lines: [''] },
  { text: 'bar   0%\rbar  50%\rbar 100%\nnext', lines: ['bar   0%\rbar  50%\rbar 100%', 'next'] },
])('$text has lines $lines', ({ text, lines }) => {
  expect([...linesOf(text)]).toEqual(lines.map((line, index) => ({ text: line, number: index + 1 })));
});

test('a line of more than 64 KiB is cut and says by how much', () => {
  const [line] = [...linesOf(`${'x'.repeat(MAX_LINE_LENGTH + 7)}\n`)];
  expect(line?.text).toBe(`${'x'.repeat(MAX_LINE_LENGTH)} [line cut: 7 characters more]`);
  expect(cutLine('x'.repeat(MAX_LINE_LENGTH))).toBe('x'.repeat(MAX_LINE_LENGTH));
});

test('lines can be read twice', () => {
  const lines = linesOf('a\nb\n');
  expect([...lines]).toEqual([...lines]);
});

test('no line holds a newline, and together they are the text', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', '\r', '\r\n', 'é', '😀')), (parts) => {
      const text = parts.join('');
      const lines = [...linesOf(text)].map((line) => line.text);
      expect(lines.every((line) => !line.includes('\n'))).toBe(true);
      expect(lines.join('\n')).toBe(text.replaceAll('\r\n', '\n').replace(/\n$/, ''));
    }),
  );
});
