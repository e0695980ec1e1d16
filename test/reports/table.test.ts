import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { resultTable } from '../../reports/table.ts';
import { PLAIN_STYLE } from '../../reports/table-layout.ts';
import { fixture } from './fixtures.ts';
import { recordOf, summaryOf } from './make-summaries.ts';

const plain = (columns: number) => ({ columns, style: PLAIN_STYLE });

test.each([
  ['small', 80],
  ['small', 120],
  ['repeats', 80],
  ['repeats', 200],
  ['precision', 80],
] as const)('%s at %i columns', async (name, columns) => {
  await expect(resultTable(fixture(name), plain(columns))).toMatchFileSnapshot(`golden/table-${name}-${columns}.txt`);
});

test('no line is wider than the terminal', () => {
  for (const name of ['small', 'precision', 'repeats', 'sixty'] as const) {
    const summary = fixture(name);
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 220 }), (columns) => {
        const words = resultTable(summary, plain(columns)).split('\n');
        const tooWide = words.filter((line) => stringWidth(line) > columns && line.trim().includes(' '));
        expect(tooWide).toEqual([]);
      }),
      { numRuns: 20 },
    );
  }
});

test('a long run name is cut, a wide one measured by its cells', () => {
  const records = ['短い名前', 'x'.repeat(90)].map((name, index) => recordOf({ name, seed: index, tp: index + 1 }));
  const text = resultTable(summaryOf(records), plain(80));
  expect(text).toContain('xxx…');
  expect(text).toContain('短い名前  ');
  for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
});

test('what is not known is a dash with its reason below, never 0', () => {
  const record = recordOf({});
  const without = Object.fromEntries(Object.entries(record.results).filter(([key]) => !key.startsWith('ttft')));
  const missing = { ttft_s: 'driver stock measures throughput only' };
  const text = resultTable(summaryOf([{ ...record, results: without, missing }]), plain(120));
  expect(text).toMatch(/1024\/128 +2,743 +24,685 +– +– +9\.15/);
  expect(text).toContain('– in TTFT avg, TTFT p99: driver stock measures throughput only');
});

test('a point that is not valid shows its reason and no number', () => {
  const text = resultTable(fixture('small'), plain(120));
  expect(text).toMatch(/128\/32 +– +– +– +– +– +invalid\n {4}3 of 1000 requests/);
});

test('reasons and names cannot steer the terminal', () => {
  const record = recordOf({ model: 'evil\u001b[31m/\u0007model', state: 'failed' });
  const reasons = [{ code: 'x', message: 'first\u001b[2Jline\nsecond\r\u009b31m' }];
  const text = resultTable(summaryOf([{ ...record, reasons }]), plain(100));
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(text).toContain('evil/ model');
});

test('the style sees headings, reasons and bad rows', () => {
  const mark = (sign: string) => (text: string) => `${sign}${text}${sign}`;
  const style = { heading: mark('#'), dim: mark('~'), bad: mark('!') };
  const text = resultTable(fixture('small'), { columns: 120, style });
  expect(text).toMatch(/^#6 points: 4 valid, 1 invalid, 1 failed#/);
  expect(text).toMatch(/^! 2 +128\/32.*invalid!$/m);
  expect(text).toMatch(/^~ {4}3 of 1000.*~$/m);
});

test('every model has its own part', () => {
  const text = resultTable(summaryOf([recordOf({ model: 'a/x' }), recordOf({ model: 'b/y', tp: 2 })]), plain(100));
  expect(text).toMatch(/^2 points: 2 valid\n\na\/x\nTP 1 ·/);
  expect(text).toMatch(/\n\nb\/y\nTP 2 ·/);
});
