import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { varyingAxes } from '../../reports/axes.ts';
import { benchmarkSummary } from '../../reports/benchmark-summary.ts';
import { knownWords, lookUp } from '../../reports/metric-lookup.ts';
import { noteMarks } from '../../reports/note-marks.ts';
import { rowsOf } from '../../reports/report-rows.ts';
import { summaryEntries } from '../../reports/summary-report.ts';
import { tableColumns } from '../../reports/table-columns.ts';
import { metricsPage } from '../../scripts/pages/metrics.ts';
import { METRICS, REQUEST_METRICS, SAMPLE_METRICS } from '../../src/schema/metrics.ts';
import { resultsOf } from '../../src/summary/results.ts';
import { fixture } from './fixtures.ts';
import { recordOf, summaryOf } from './make-summaries.ts';

const known = (words: readonly string[]) => words.filter((word) => lookUp(word) === null);

test('every key that a file of ours holds is explained', () => {
  const record = recordOf({ bound: true, starts: 2 });
  const summary = summaryOf([record]);
  const [draft] = benchmarkSummary.render(summary);
  expect(known(draft?.kind === 'table' ? draft.table.header : [''])).toEqual([]);
  expect(known(Object.keys(record.results))).toEqual([]);
  expect(known(Object.keys(resultsOf(record.samples)))).toEqual([]);
  const [entry] = summaryEntries(summary);
  expect(known(Object.keys(entry?.results ?? { none: 1 }))).toEqual([]);
  expect(known(Object.keys(entry?.samples.spread ?? { none: 1 }))).toEqual([]);
});

test('the four latencies that the source document names are explained as what they are', () => {
  const words = ['avg_ttft_s', 'p99_ttft_s', 'avg_tpot_tokens_per_s', 'p99_tpot_tokens_per_s'];
  const mean = 'mean over the requests of a sample';
  const p99 = '99th percentile over the requests of a sample';
  expect(words.map(lookUp)).toEqual([
    { kind: 'ours', metric: 'ttft_s', part: mean },
    { kind: 'ours', metric: 'ttft_s', part: p99 },
    { kind: 'ours', metric: 'tpot_tokens_per_s', part: mean },
    { kind: 'ours', metric: 'tpot_tokens_per_s', part: p99 },
  ]);
});

test('a key is explained by the number that it holds', () => {
  const record = fixture('repeats').records[0];
  if (record === undefined) throw new Error('no record');
  for (const [key, { value }] of Object.entries(record.results)) {
    const found = lookUp(key);
    if (found?.kind !== 'ours') throw new Error(`${key} is not ours`);
    const column = key === found.metric ? key : `${found.metric}_${key.slice(found.metric.length + 1)}`;
    expect(record.results[column]?.value).toBe(value);
  }
  expect([...SAMPLE_METRICS, ...REQUEST_METRICS].map(lookUp)).toEqual(
    [...SAMPLE_METRICS, ...REQUEST_METRICS].map((metric) => ({ kind: 'ours', metric, part: null })),
  );
});

/** What the facts on peers say of each name: the tool's, ours, and whether theirs is another quantity. */
test.each([
  ['time_per_output_token_ms', 'GuideLLM', 'tpot_s', /first token is in it/],
  ['inter_token_latency', 'AIPerf', 'tpot_s', null],
  ['inter_chunk_latency', 'AIPerf', 'tpot_s', /every gap/],
  ['mean_itl_ms', 'vLLM bench serve', 'tpot_s', /every gap/],
  ['p99_tpot_ms', 'vLLM bench serve', 'tpot_s', null],
  ['tput_per_gpu', 'InferenceX', 'total_throughput_tps', /input and output.*GPUs/],
  ['output_tput_per_gpu', 'InferenceX', 'output_throughput_tps', /GPUs/],
  ['median_intvty', 'InferenceX', 'tpot_tokens_per_s', null],
  ['tokens_per_second', 'vLLM bench throughput', 'total_throughput_tps', null],
  ['vllm:request_queue_time_seconds', 'vLLM /metrics', 'queue_s', null],
  ['request_prefill_time_seconds', 'vLLM /metrics', 'prefill_s', null],
  ['normalized_time_per_output_token', 'inference-perf', 'tpot_s', /first token is in it/],
  ['result_first_token_99.00_percentile_latency_ns', 'MLPerf', 'ttft_s', /loadgen/],
  ['result_time_per_output_token_99.00_percentile_ns', 'MLPerf', 'tpot_s', null],
  ['output_token_throughput_per_user', 'AIPerf', 'tpot_tokens_per_s', null],
] as const)('%s is %s’s name near %s', (word, tool, metric, differs) => {
  const found = lookUp(word);
  if (found?.kind !== 'theirs') throw new Error(`${word} is not theirs`);
  const use = found.uses.find((one) => one.tool === tool);
  expect(use?.metric).toBe(metric);
  if (differs === null) expect(use?.differs).toBeNull();
  else expect(use?.differs).toMatch(differs);
});

test('short names are found in any case, nonsense is not', () => {
  expect(lookUp('TPOT')).toMatchObject({ kind: 'ours', metric: 'tpot_s' });
  expect(lookUp('mbu')).toMatchObject({ kind: 'ours', metric: 'mbu' });
  expect(lookUp('ITL')).toMatchObject({ kind: 'theirs' });
  expect(lookUp('E2E LATENCY')).toMatchObject({ kind: 'ours', metric: 'e2e_s' });
  for (const word of ['', 'ttft_s_p98', 'p99.', '_ms', 'mean_', 'toString', '__proto__', 'elapsed_s_mean'])
    expect(lookUp(word), word).toBeNull();
});

test('every heading of the table is explained', () => {
  const shared = recordOf({
    lengths: [64, 8, 32],
    tp: 2,
    bound: true,
    samples: 3,
    notes: [{ code: 'drift', message: 'x' }],
  });
  const summaries = [summaryOf([shared, recordOf({ name: 'b', pp: 2 })]), fixture('precision'), fixture('small')];
  const headings = summaries.flatMap((summary) => {
    const rows = rowsOf(summary);
    return tableColumns(rows, varyingAxes(rows), noteMarks(rows)).map(({ name }) => name);
  });
  expect(headings).toEqual(
    expect.arrayContaining(['95% CI', 'CV', 'TTFT p99', 'hit rate', 'MBU', 'PP', 'state', 'note']),
  );
  expect(known(headings)).toEqual([]);
  // Columns that only some runs have.
  expect(
    known(['KV cache', 'PP', 'TP', 'max_num_seqs', 'driver', 'args', 'env', 'mode', 'run', 'in/out/prefix']),
  ).toEqual([]);
});

test('every field of a spread is explained', () => {
  const [entry] = summaryEntries(summaryOf([recordOf({ samples: 3 })]));
  const [spread] = Object.values(entry?.samples.spread ?? {});
  expect(Object.keys(spread ?? {})).toContain('drift');
  expect(known(Object.keys(spread ?? {}))).toEqual([]);
});

test('a word that is shown means what it is shown for', () => {
  const p99 = '99th percentile over the requests of a sample';
  expect(lookUp('TTFT p99')).toEqual({ kind: 'ours', metric: 'ttft_s', part: p99 });
  expect(lookUp('ttft_p99')).toEqual({ kind: 'ours', metric: 'ttft_s', part: p99 });
  for (const word of ['hit rate', 'hit_rate', 'Hit Rate'])
    expect(lookUp(word)).toEqual({ kind: 'ours', metric: 'prefix_cache_hit_rate', part: null });
  expect(lookUp('output')).toMatchObject({ metric: 'output_throughput_tps' });
  expect(lookUp('total')).toMatchObject({ metric: 'total_throughput_tps' });
  expect(lookUp('TPOT avg')).toMatchObject({ metric: 'tpot_s', part: 'mean over the requests of a sample' });
  expect(lookUp('CV')).toMatchObject({ kind: 'field', meaning: expect.stringContaining('standard deviation / mean') });
});

test('any text at all is found or not, without an error', () => {
  const pieces = fc.constantFrom(...knownWords(), 'p99', '_', '.', '<stat>', 'vllm:', 'İ');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 3 }).map((some) => some.join('')),
      ),
      (word) => {
        expect(['ours', 'theirs', 'field', undefined]).toContain(lookUp(word)?.kind);
      },
    ),
  );
});

test('every word that is suggested is found', () => {
  expect(knownWords().length).toBeGreaterThan(Object.keys(METRICS).length);
  expect(known(knownWords())).toEqual([]);
});

test('docs/metrics.md is what `npm run pages` writes', () => {
  expect(readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsPage());
});
