import { expect, test } from 'vitest';
import { RESULT_FIELDS } from '../../reports/result-fields.ts';
import { summaryEntries, summaryReport } from '../../reports/summary-report.ts';
import type { RecordState } from '../../src/schema/record.ts';
import { fixture } from './fixtures.ts';
import { recordOf, summaryOf } from './make-summaries.ts';

function onlyEntry(record: ReturnType<typeof recordOf>) {
  const [entry, ...more] = summaryEntries(summaryOf([record]));
  expect(more).toEqual([]);
  if (entry === undefined) throw new Error('no entry');
  return entry;
}

test('the file is a JSON array with an indent of 4', () => {
  const [draft] = summaryReport.render(fixture('small'));
  if (draft?.kind !== 'file') throw new Error('not a file');
  expect(draft.file.path).toBe('summary_report.json');
  const text = String(draft.file.content);
  expect(text).toMatch(/^\[\n {4}\{\n {8}"schema": 1,\n {8}"run_name": "small_TP-1_ISL-1024_OSL-128",\n/);
  expect(JSON.parse(text)).toHaveLength(7);
});

test('an entry has the keys of the source document with numbers', () => {
  const entry = onlyEntry(recordOf({}));
  expect(Object.keys(entry)).toEqual(
    expect.arrayContaining(['run_name', 'mode', 'config', 'results', 'client_log_file', 'status']),
  );
  expect(Object.keys(entry.config)).toEqual(
    expect.arrayContaining([
      'model',
      'num-prompts',
      'quantization',
      'kv-cache-dtype',
      'tensor-parallel-size',
      'pipeline-parallel-size',
      'input-len',
      'output-len',
      'prefix-len',
      'prefix-mode',
      'prompt-len',
      'max-model-len',
      'max-num-seqs',
      'enable-prefix-caching',
      'gpu-memory-utilization',
      'seed',
    ]),
  );
  const asked = [
    'throughput_req_per_sec',
    'throughput_total_tokens_per_sec',
    'throughput_output_tokens_per_sec',
    'avg_ttft_s',
    'p99_ttft_s',
    'avg_tpot_tokens_per_s',
    'p99_tpot_tokens_per_s',
    'p1_tpot_tokens_per_s',
    'tpot_s',
    'total_prompt_tokens',
    'total_output_tokens',
    'prefix_cache_hit_rate',
    'hit_rate_bound',
  ] as const;
  for (const key of asked) expect(entry.results[key], key).toBeTypeOf('number');
});

test('every result comes from the metric that its name says', () => {
  const record = recordOf({});
  const { results } = onlyEntry(record);
  expect(results.avg_ttft_s).toBe(record.results['ttft_s_mean']?.value);
  expect(results.p99_ttft_s).toBe(record.results['ttft_s_p99']?.value);
  expect(results.throughput_output_tokens_per_sec).toBe(record.results['output_throughput_tps']?.value);
  expect(results.tpot_s).toBe(record.results['tpot_s_mean']?.value);
  expect(results.avg_tpot_tokens_per_s).toBe(record.results['tpot_tokens_per_s_mean']?.value);
  expect(results.p99_tpot_tokens_per_s).toBe(record.results['tpot_tokens_per_s_p99']?.value);
  expect(results.p1_tpot_tokens_per_s).toBe(record.results['tpot_tokens_per_s_p1']?.value);
  for (const field of RESULT_FIELDS) {
    if ('request' in field)
      expect(field.key).toBe(
        `${field.of === 'mean' ? 'avg' : field.of}_${field.request}`.replace('avg_tpot_s', 'tpot_s'),
      );
  }
});

test('token totals are those of one sample, however many there are', () => {
  const { results, samples } = onlyEntry(recordOf({ samples: 3, num_prompts: 10, lengths: [100, 7] }));
  expect([results.total_prompt_tokens, results.total_output_tokens]).toEqual([1000, 70]);
  expect([samples.asked, samples.valid, samples.invalid]).toEqual([3, 3, 0]);
  const spread = samples.spread.throughput_output_tokens_per_sec;
  expect(spread?.n).toBe(3);
  expect(spread?.values).toHaveLength(3);
  expect(spread?.stdev).toBeGreaterThan(0);
  expect(Math.max(...(spread?.values ?? []))).toBe(spread?.max);
});

test.each([
  ['valid', 'SUCCESS'],
  ['invalid', 'FAILED'],
  ['failed', 'FAILED'],
  ['skipped', 'NOT_STARTED'],
  ['not-run', 'NOT_STARTED'],
] as const)('a record that is %s has status %s', (state, status) => {
  const entry = onlyEntry(recordOf({ state }));
  expect(entry.status).toBe(status);
  expect(entry.validity).toBe(state);
  expect(entry.load_shape).toBe('offline-burst');
  expect(entry.reasons.length).toBe(state === 'valid' ? 0 : 1);
});

test.each(['invalid', 'failed', 'skipped', 'not-run'] satisfies RecordState[])(
  'a record that is %s reports no number, even if it has some',
  (state) => {
    const measured = recordOf({ state: 'valid' }).results;
    const entry = onlyEntry({ ...recordOf({ state }), results: measured });
    expect(new Set(Object.values(entry.results))).toEqual(new Set([null]));
    expect(entry.samples.spread).toEqual({});
    expect(Object.keys(entry.missing)).toEqual(Object.keys(entry.results));
  },
);

test('what an invalid sample measured is kept apart, with its reason', () => {
  const [sample] = onlyEntry(recordOf({ state: 'invalid' })).measured_but_invalid;
  expect(sample?.reasons).toEqual([expect.stringContaining('wrong-output-tokens: 3 of 1000')]);
  expect(sample?.results.throughput_output_tokens_per_sec).toBeGreaterThan(0);
  expect(sample?.evidence).toContain('attempts/');
});

test('unknown is null with a reason, never 0', () => {
  const record = recordOf({});
  const without = Object.fromEntries(Object.entries(record.results).filter(([key]) => !key.startsWith('ttft_s')));
  const entry = onlyEntry({ ...record, results: without, missing: { ttft_s: 'the engine keeps no statistics' } });
  expect(entry.results.avg_ttft_s).toBeNull();
  expect(entry.results.p99_ttft_s).toBeNull();
  expect(entry.missing['avg_ttft_s']).toBe('the engine keeps no statistics');
  expect(entry.samples.spread.avg_ttft_s).toBeUndefined();
});

test('every null has a reason and every reason a null', () => {
  for (const entry of summaryEntries(fixture('small'))) {
    const nulls = Object.entries(entry.results).flatMap(([key, value]) => (value === null ? [key] : []));
    expect(Object.keys(entry.missing)).toEqual(nulls);
  }
});

test('a point that was asked for under two names has an entry under each', () => {
  const entries = summaryEntries(summaryOf([recordOf({ also_named: ['twin'] })]));
  expect(entries.map((entry) => entry.run_name)).toEqual(['synthetic_TP-1_ISL-1024_OSL-128', 'twin']);
  expect(new Set(entries.map((entry) => entry.job_id)).size).toBe(1);
});

test('secrets in the engine’s environment do not get into the report', () => {
  const record = recordOf({});
  const env = { HF_TOKEN: 'hf_abc', MY_API_KEY: 'k', VLLM_USE_V1: '1' };
  const { config } = onlyEntry({ ...record, engine: { ...record.engine, env } });
  expect(config.env).toEqual({ HF_TOKEN: '<removed>', MY_API_KEY: '<removed>', VLLM_USE_V1: '1' });
});

test('the log is given with the lines of the job', () => {
  const entry = onlyEntry(recordOf({}));
  expect(entry.client_log_file).toMatch(/^client_logs_/);
  expect(entry.client_log_lines).toEqual([120, 180]);
  expect(onlyEntry(recordOf({ state: 'failed' })).client_log_lines).toBeNull();
});

test('an entry tells notes, interval, variation, starts and drift of each headline', () => {
  const notes = [{ code: 'drift', message: 'throughput fell' }];
  const record = recordOf({ starts: 3, samples: 2, notes });
  const entry = onlyEntry(record);
  expect(entry.notes).toEqual(notes);
  expect(entry.samples).toMatchObject({ asked: 6, valid: 6, starts: 3 });
  const { value: _, ...rest } = record.results['tpot_tokens_per_s_p99'] ?? {};
  expect(entry.samples.spread.p99_tpot_tokens_per_s).toEqual({
    ...rest,
    values: record.samples.map((sample) => sample.latency.tpot_tokens_per_s?.p99),
  });
  expect(entry.samples.spread.p99_tpot_tokens_per_s?.ci95?.over).toBe('starts');
});

test('an engine start whose samples do not count is not counted', () => {
  const record = recordOf({ starts: 3, samples: 1 });
  const reason = { code: 'wrong-output-tokens', message: '1 of 8 requests stopped early' };
  const samples = record.samples.map((sample) => (sample.start === 1 ? { ...sample, invalid: [reason] } : sample));
  expect(onlyEntry({ ...record, state: 'invalid', samples }).samples).toMatchObject({
    valid: 2,
    invalid: 1,
    starts: 2,
  });
});

test('the spread is told of every number that the source document names', () => {
  const named = ['avg_ttft_s', 'p99_ttft_s', 'avg_tpot_tokens_per_s', 'p99_tpot_tokens_per_s'];
  const throughputs = ['throughput_req_per_sec', 'throughput_total_tokens_per_sec', 'throughput_output_tokens_per_sec'];
  expect(Object.keys(onlyEntry(recordOf({})).samples.spread)).toEqual(
    expect.arrayContaining([...named, ...throughputs]),
  );
});

test('an entry is keyed by base model and precision, and says which checkpoint ran how', () => {
  const point = { model: 'org/base', quantization: 'fp4', checkpoint: 'org/base-nvfp4', ran: 'NVFP4 W4A4' };
  const entry = onlyEntry(recordOf(point));
  expect(entry.config).toMatchObject({ model: 'org/base', quantization: 'fp4', checkpoint: 'org/base-nvfp4' });
  expect(entry.precision).toMatchObject({
    base_model: 'org/base',
    asked: 'fp4',
    checkpoint: 'org/base-nvfp4',
    ran: { label: 'NVFP4 W4A4' },
  });
  expect(onlyEntry(recordOf({ model: 'org/base' })).precision).toMatchObject({ checkpoint: 'org/base', ran: null });
});

test('bound, MBU and MFU are told when device and model are known', () => {
  const record = recordOf({ bound: true });
  const entry = onlyEntry(record);
  expect(entry.bound).toEqual(record.bound);
  expect(entry.results.mbu).toBe(record.results['mbu']?.value);
  const unknown = onlyEntry(recordOf({}));
  expect([unknown.bound, unknown.results.mbu, unknown.results.mfu]).toEqual([null, null, null]);
});
