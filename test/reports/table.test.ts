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
  expect(text).toMatch(
    /#6 points \(7 runs, equal ones merged\): 4 valid, 1 invalid, 1 failed \(of the valid 1 noted\)#\n$/,
  );
  expect(text).toMatch(/^! 2 +128\/32.*invalid!$/m);
  expect(text).toMatch(/^~ {4}3 of 1000.*~$/m);
});

test('every model has its own part', () => {
  const text = resultTable(summaryOf([recordOf({ model: 'a/x' }), recordOf({ model: 'b/y', tp: 2 })]), plain(100));
  expect(text).toMatch(/^a\/x\nTP 1 ·/);
  expect(text).toMatch(/\n\n2 points: 2 valid\n$/);
  expect(text).toMatch(/\n\nb\/y\nTP 2 ·/);
});

const oneOf = (asked: Parameters<typeof recordOf>[0], columns = 200): string =>
  resultTable(summaryOf([recordOf(asked)]), plain(columns));

test('runs that are the same point are said to have been merged', () => {
  const also_named = Array.from({ length: 13 }, (_, index) => `run-${index}`);
  expect(oneOf({ also_named })).toContain('1 point (14 runs, equal ones merged): 1 valid\n');
  expect(oneOf({})).toContain('\n1 point: 1 valid\n');
});

test('a noted point has a mark, what it means below, and a word in the verdict', () => {
  const notes = [
    { code: 'drift', message: 'throughput fell' },
    { code: 'few-requests', message: 'P99 of 8 requests' },
  ];
  const text = oneOf({ notes });
  expect(text).toMatch(/1024\/128 .* ab\n/);
  expect(text).toContain('a: throughput fell (drift)\nb: P99 of 8 requests (few-requests)\n');
  expect(text).toContain('1 point: 1 valid (of the valid 1 noted)');
});

test('one letter stands for all notes of a kind, however their figures differ', () => {
  const few = (n: number) => ({ tp: n, notes: [{ code: 'few-requests', message: `P99 of ${n} requests` }] });
  const text = resultTable(summaryOf([recordOf(few(1)), recordOf(few(2)), recordOf({ tp: 4 })]), plain(120));
  expect(text).toContain('a: P99 of 1 requests; and 1 more of few-requests in summary_report.json');
  expect(text.split('\n').filter((line) => /^ \d .* a$/.test(line))).toHaveLength(2);
});

test('a valid point that lacks a sample is not counted as a plain pass', () => {
  const reasons = [{ code: 'incomplete', message: '1 of 2 samples: the rest was not attempted' }];
  const text = resultTable(summaryOf([{ ...recordOf({}), reasons }]), plain(120));
  expect(text).toContain('1 point: 1 valid (of the valid 1 incomplete)');
});

test('a point that was not run has one name for it', () => {
  const text = oneOf({ state: 'not-run' });
  expect(text).toContain('1 point: 1 not run');
  expect(text).not.toContain('not-run');
});

// 95% interval 90 to 105 of a value of 100: the longer arm is 10 %.
test('the interval is the longer arm in per cent, and says what it is over', () => {
  const record = recordOf({ starts: 2 });
  const withInterval = (over: 'starts' | 'repeats') => {
    const output_throughput_tps = {
      ...{ value: 100, n: 2, starts: 2, stdev: 5, cv: 0.05, drift: null, min: 90, max: 110 },
      ci95: { low: 90, high: 105, over },
    };
    const results = { ...record.results, output_throughput_tps };
    return resultTable(summaryOf([{ ...record, results }]), plain(200));
  };
  expect(withInterval('starts')).toMatch(/1024\/128 +100 +10 +5\.0 /);
  expect(withInterval('starts')).toContain('95% CI: of the output throughput, over engine starts.');
  expect(withInterval('repeats')).toContain('over the repeats of one engine start, not over starts');
});

test('MBU and MFU have columns when they are known, and name the device', () => {
  expect(oneOf({ bound: true })).toMatch(/MBU +MFU/);
  expect(oneOf({ bound: true })).toContain(
    'MBU, MFU: reached share of memory bandwidth and arithmetic of Synthetic GPU.',
  );
  expect(oneOf({})).not.toMatch(/MBU +MFU/);
  expect(oneOf({})).toContain('MBU, MFU: no bound: Synthetic GPU is not in the table of accelerators\n');
});

test('a point without a bound beside points that have one says why', () => {
  const text = resultTable(summaryOf([recordOf({ bound: true }), recordOf({ tp: 2 })]), plain(200));
  expect(text).toContain('– in MBU, MFU: no bound: Synthetic GPU is not in the table of accelerators');
});

test('the precision is the one that ran, and small weights are not called fast arithmetic', () => {
  const text = oneOf({ quantization: 'mxfp4', ran: 'MXFP4 W4A16', checkpoint: 'org/model-mxfp4' });
  expect(text).toContain('TP 1 · MXFP4 W4A16 (asked: mxfp4) · checkpoint org/model-mxfp4 · ');
  expect(text).toContain('MXFP4 W4A16: only the weights are small; the arithmetic is 16-bit.');
});

test('precisions that live in different checkpoints are rows of one base model', () => {
  const fp4 = recordOf({ quantization: 'fp4', ran: 'NVFP4 W4A4', checkpoint: 'org/other-name' });
  const text = resultTable(summaryOf([recordOf({ ran: 'BF16' }), fp4]), plain(120));
  expect(text).toMatch(/^BF16 +1024\/128/m);
  expect(text).toMatch(/^NVFP4 W4A4 +1024\/128/m);
  expect(text).toContain('NVFP4 W4A4: checkpoint org/other-name');
  expect(text.match(/example-org/g)).toHaveLength(1);
});
