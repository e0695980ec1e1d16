import { expect, test } from 'vitest';
import { chartsFromRows } from '../../reports/charts/index.ts';
import { readSummaryReport, rowsOf } from '../../reports/report-rows.ts';
import { summaryReport } from '../../reports/summary-report.ts';
import { Refusal } from '../../src/errors/refusal.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { fixture } from './fixtures.ts';
import { recordOf, summaryOf } from './make-summaries.ts';

function written(summary: Summary): string {
  const [draft] = summaryReport.render(summary);
  return draft?.kind === 'file' ? String(draft.file.content) : '';
}

test.each(['small', 'precision', 'repeats'] as const)('%s: the file gives the rows that the records gave', (name) => {
  const summary = fixture(name);
  expect(readSummaryReport(written(summary))).toEqual(rowsOf(summary));
});

test('a file says which runs asked for the same point, as the records do', () => {
  const summary = summaryOf([recordOf({ also_named: ['b', 'c'] })]);
  expect(readSummaryReport(written(summary)).map((row) => row.also_named)).toEqual([['b', 'c']]);
  expect(readSummaryReport(written(summary))).toEqual(rowsOf(summary));
});

/** As the original tool writes it: numbers of `config` as text, no word of validity, a run that crashed. */
const ORIGINAL = JSON.stringify([
  {
    run_name: 'Llama-3.3-70B-Instruct_TP-8_ISL-1024_OSL-1024',
    mode: 'vllm_throughput',
    config: {
      model: 'meta-llama/Llama-3.3-70B-Instruct',
      'num-prompts': '1000',
      'tensor-parallel-size': '8',
      'input-len': '1024',
      'output-len': '1024',
      'prefix-len': '512',
    },
    results: {
      throughput_req_per_sec: 7.34,
      throughput_total_tokens_per_sec: 15017.75,
      throughput_output_tokens_per_sec: '7515.55',
    },
    client_log_file: 'client_logs/1_1_x_vllm_script.log',
    status: 'SUCCESS',
  },
  { run_name: 'Gemma_TP-1_ISL-1_OSL-1', config: { model: 'g' }, results: {}, status: 'COMPLETED' },
  { run_name: 'waiting', status: 'NOT_STARTED' },
  { run_name: 'broken', status: 'TERMINATED_DUE_TO_FATAL_ERROR', unheard_of: [1] },
]);

test('a file of the original tool is read, and claims no more than it holds', () => {
  const rows = readSummaryReport(ORIGINAL);
  expect(rows.map((row) => row.state)).toEqual(['valid', 'failed', 'not-run', 'failed']);
  expect(rows[3]?.reasons).toEqual(['the file only says TERMINATED_DUE_TO_FATAL_ERROR']);
  expect(rows[0]).toMatchObject({
    model: 'meta-llama/Llama-3.3-70B-Instruct',
    tensor_parallel_size: 8,
    input_len: 1024,
    output_len: 1024,
    prefix_len: 512,
    prefix_mode: 'additive',
    results: { throughput_output_tokens_per_sec: 7515.55 },
  });
  expect(rows[0]?.results['avg_ttft_s'] ?? null).toBeNull();
});

test('it is drawn from what it holds: throughput, and no chart of what it never measured', () => {
  expect(chartsFromRows(readSummaryReport(ORIGINAL)).map((chart) => chart.stem)).toEqual([
    'meta-llama_Llama-3.3-70B-Instruct/throughput_by_seqlen_and_tp',
  ]);
});

test.each([
  ['not JSON at all', 'it is not JSON'],
  ['{"results": {}}', 'not a JSON array'],
  ['[1, 2]', 'not a JSON array of entries'],
  ['[{"run_name": 3}]', 'entry 1 of 1'],
  ['[{"schema": 2}]', 'schema 2'],
])('%s is refused as wrong usage', (text, reason) => {
  expect(() => readSummaryReport(text)).toThrow(Refusal);
  expect(() => readSummaryReport(text)).toThrow(reason);
});
