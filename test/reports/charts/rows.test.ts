import { expect, test } from 'vitest';
import { chartRows } from '../../../reports/charts/rows.ts';
import { MAX_SERIES } from '../../../reports/charts/theme.ts';
import { rowsOf } from '../../../reports/report-rows.ts';
import { fixture } from '../fixtures.ts';
import { type PointAsked, recordOf, summaryOf } from '../make-summaries.ts';

const OUTPUT = 'throughput_output_tokens_per_sec';
const placed = (points: readonly PointAsked[], metric = OUTPUT) =>
  chartRows(rowsOf(summaryOf(points.map(recordOf))), metric, 'the metric');

test('lengths stand in the order of their numbers', () => {
  const lengths = [
    [1024, 128],
    [128, 32],
    [1024, 1024],
    [256, 4],
    [1024, 128, 512],
  ] as const;
  expect(placed(lengths.map((one) => ({ lengths: one }))).lengths).toEqual([
    '128/32',
    '256/4',
    '1024/128',
    '1024/128/512',
    '1024/1024',
  ]);
});

test('sizes stand in the order of their numbers', () => {
  expect(placed([16, 2, 1, 8].map((tp) => ({ tp }))).series).toEqual(['TP 1', 'TP 2', 'TP 8', 'TP 16']);
});

test('precisions keep the order in which they were asked for, numbers do not', () => {
  expect(placed([{}, { quantization: 'fp8' }, { quantization: 'fp4' }]).panels).toEqual(['bfloat16', 'fp8', 'fp4']);
  expect(placed([{ max_num_seqs: 256 }, { max_num_seqs: 64 }]).panels).toEqual(['max_num_seqs 64', 'max_num_seqs 256']);
});

test('only valid points are placed, and the others are counted by their state', () => {
  const rows = chartRows(rowsOf(fixture('small')), OUTPUT, 'output throughput');
  expect(rows.placed.map(({ row }) => row.state)).toEqual(['valid', 'valid', 'valid', 'valid']);
  expect(rows.notShown).toBe('2 of 6 points not shown: 1 failed, 1 invalid');
});

test('a point that failed is not placed, even where a file gives it numbers', () => {
  const [row] = rowsOf(fixture('small'));
  if (row === undefined) throw new Error('no row');
  expect(chartRows([{ ...row, state: 'failed' }], OUTPUT, 'output throughput').placed).toEqual([]);
});

test('a valid point without the metric is counted too', () => {
  const rows = placed([{ lengths: [8, 1] }, { lengths: [8, 2] }], 'tpot_s');
  expect(rows.lengths).toEqual(['8/2']);
  expect(rows.notShown).toBe('1 of 2 points not shown: 1 without the metric');
});

test.each([
  [[1, 2, 4, 8], [1, 2], 8, 1],
  [[1, 2, 4, 8], [1, 2, 4], 4, 3],
  [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1], 1, 9],
])('TP %j x PP %j: %i colours, %i panels', (tps, pps, series, panels) => {
  const rows = placed(tps.flatMap((tp) => pps.map((pp) => ({ tp, pp }))));
  expect([rows.series.length, rows.panels.length]).toEqual([series, panels]);
  expect(rows.series.length).toBeLessThanOrEqual(MAX_SERIES);
  const places = rows.placed.map((one) => `${one.panel}|${one.lengths}|${one.series}`);
  expect(new Set(places).size).toBe(tps.length * pps.length);
});
