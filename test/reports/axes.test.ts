import fc from 'fast-check';
import { expect, test } from 'vitest';
import { varyingAxes } from '../../reports/axes.ts';
import { lengthsLabel } from '../../reports/lengths.ts';
import { rowsOf } from '../../reports/report-rows.ts';
import { recordOf, summaryOf } from './make-summaries.ts';

const labels = (records: Parameters<typeof summaryOf>[0]) =>
  varyingAxes(rowsOf(summaryOf(records))).map((axis) => axis.label);

test('lengths and TP alone need no axis, nor does a switch that follows from them', () => {
  expect(labels([recordOf({ tp: 1 }), recordOf({ tp: 2 }), recordOf({ lengths: [8192, 16, 7900] })])).toEqual([]);
});

test('a precision is told even when the lengths would tell the points apart', () => {
  expect(labels([recordOf({ quantization: 'fp8' }), recordOf({ lengths: [1, 1] })])).toEqual(['precision']);
});

test('any other setting is told when two points would fall together', () => {
  expect(labels([recordOf({ seed: 1 }), recordOf({ seed: 2 })])).toEqual(['seed']);
  expect(labels([recordOf({ seed: 1 }), recordOf({ seed: 2, tp: 2 })])).toEqual([]);
});

test('the run’s name is the last resort', () => {
  expect(labels([recordOf({ name: 'a' }), recordOf({ name: 'b' })])).toEqual(['run']);
});

test('a failed point stands beside those that were asked for alike, though it does not know its data type', () => {
  const rows = rowsOf(
    summaryOf([recordOf({}), recordOf({ tp: 2, state: 'failed' }), recordOf({ quantization: 'fp8' })]),
  );
  expect(varyingAxes(rows).map((axis) => rows.map(axis.text))).toEqual([['bfloat16', 'bfloat16', 'fp8']]);
});

const precisionsOf = (...points: Parameters<typeof recordOf>[0][]) => {
  const rows = rowsOf(summaryOf(points.map((point) => recordOf(point))));
  return varyingAxes(rows).map((axis) => rows.map(axis.text));
};

test('a precision is called by what ran; a point that failed by what ran beside it', () => {
  const fp8 = { quantization: 'fp8', ran: 'FP8 W8A8' };
  expect(precisionsOf({ ran: 'BF16' }, fp8, { ...fp8, tp: 2, state: 'failed' })).toEqual([
    ['BF16', 'FP8 W8A8', 'FP8 W8A8'],
  ]);
});

test('two precisions that ran alike are told apart by what was asked', () => {
  const ran = 'FP8 W8A8';
  expect(precisionsOf({ quantization: 'fp8', ran }, { quantization: 'fp8_per_block', ran })).toEqual([
    ['FP8 W8A8 (fp8)', 'FP8 W8A8 (fp8_per_block)'],
  ]);
});

test('one asked precision that ran in two ways is never shown as one', () => {
  const points = ['MXFP4 W4A16', 'MXFP4 W4A4'].map((ran, index) => ({ quantization: 'fp4', ran, tp: index + 1 }));
  expect(precisionsOf({}, ...points)).toEqual([['bfloat16', 'MXFP4 W4A16', 'MXFP4 W4A4']]);
});

const asked = fc.record({
  name: fc.constantFrom('a', 'b'),
  quantization: fc.constantFrom('fp8', 'fp4'),
  kv_cache_dtype: fc.constantFrom('auto', 'fp8'),
  max_num_seqs: fc.constantFrom(16, 64),
  pp: fc.constantFrom(1, 2),
  tp: fc.constantFrom(1, 2),
  num_prompts: fc.constantFrom(10, 20),
  seed: fc.constantFrom(1, 2),
});

test('for any points: no two of different names or settings are shown as one', () => {
  const key = (one: object): string => JSON.stringify(one);
  fc.assert(
    fc.property(fc.uniqueArray(asked, { minLength: 1, maxLength: 12, selector: key }), (points) => {
      const rows = rowsOf(summaryOf(points.map((point) => recordOf(point))));
      const axes = varyingAxes(rows);
      const places = rows.map((row) =>
        key([lengthsLabel(row), row.tensor_parallel_size, ...axes.map((axis) => axis.value(row))]),
      );
      const names = rows.map((row, index) => key([row.run_name, { ...points[index], name: '' }]));
      expect(new Set(places).size).toBe(new Set(names).size);
    }),
  );
});
