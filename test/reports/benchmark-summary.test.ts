import { expect, test } from 'vitest';
import { benchmarkSummary } from '../../reports/benchmark-summary.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { fixture } from './fixtures.ts';
import { recordOf, summaryOf } from './make-summaries.ts';

function table(summary: Summary) {
  const [draft] = benchmarkSummary.render(summary);
  if (draft?.kind !== 'table') throw new Error('not a table');
  const { header, rows } = draft.table;
  return { header, rows: rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]]))) };
}

test('one row a record, under distinct names that carry their unit', () => {
  const { header, rows } = table(fixture('small'));
  expect(rows).toHaveLength(6);
  expect(new Set(header).size).toBe(header.length);
  expect(header).toEqual(
    expect.arrayContaining([
      'validity',
      'reasons',
      'input_len_tokens',
      'output_throughput_tps',
      'ttft_s_mean',
      'ttft_s_p99',
      'tpot_s_mean',
      'tpot_tokens_per_s_p1',
    ]),
  );
});

test('numbers are not rounded and the unknown is empty', () => {
  const record = recordOf({});
  const [row] = table(summaryOf([record])).rows;
  expect(row?.['ttft_s_mean']).toBe(record.results['ttft_s_mean']?.value);
  expect(row?.['ttft_s_mean_stdev']).toBeNull();
  expect(row?.['quantization']).toBeNull();
});

test('a record that is not valid has no number, whatever it measured', () => {
  const record = { ...recordOf({ state: 'invalid' }), results: recordOf({}).results };
  const [row] = table(summaryOf([record])).rows;
  expect(row?.['output_throughput_tps']).toBeNull();
  expect(row?.['validity']).toBe('invalid');
  expect(row?.['reasons']).toContain('wrong-output-tokens: ');
});

test('the interval, what it is over, variation, starts, precision and bound have columns', () => {
  const point = { starts: 3, samples: 2, quantization: 'fp4', checkpoint: 'org/nvfp4', ran: 'NVFP4 W4A4', bound: true };
  const record = recordOf({ ...point, notes: [{ code: 'drift', message: 'throughput fell' }] });
  const output = record.results['output_throughput_tps'];
  const [row] = table(summaryOf([record])).rows;
  expect(row).toMatchObject({
    ...{ samples_valid: 6, engine_starts: 3, ci95_over: 'starts', notes: 'drift: throughput fell' },
    ...{ checkpoint: 'org/nvfp4', quantization: 'fp4', ran: 'NVFP4 W4A4' },
    ...{ accelerator: 'Synthetic GPU', decode_bound_tps: record.bound?.decode_tps },
    output_throughput_tps_cv: output?.cv,
    output_throughput_tps_ci95_low: output?.ci95?.low,
    output_throughput_tps_ci95_high: output?.ci95?.high,
    mbu: record.results['mbu']?.value,
  });
});

test('a record that is not valid has no interval either', () => {
  const record = { ...recordOf({ state: 'invalid', starts: 2 }), results: recordOf({ starts: 2 }).results };
  const [row] = table(summaryOf([record])).rows;
  expect([row?.['ci95_over'], row?.['output_throughput_tps_ci95_low']]).toEqual([null, null]);
});

test('several notes in one cell can be told apart, though their messages have semicolons', () => {
  const notes = [
    { code: 'wide-interval', message: 'known to ±12 % only; 3 more repeats would halve that' },
    { code: 'few-requests', message: 'P99 of 8 requests' },
  ];
  const [row] = table(summaryOf([recordOf({ notes, also_named: ['a', 'b'] })])).rows;
  expect(row?.['also_named']).toBe('a | b');
  expect(String(row?.['notes']).split(' | ')).toEqual(notes.map(({ code, message }) => `${code}: ${message}`));
});
