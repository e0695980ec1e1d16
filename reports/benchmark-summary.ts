import type { JobRecord } from '../src/schema/record.ts';
import { statusOf } from './entry-shape.ts';
import type { Cell, Report } from './report.ts';
import { metricKey, RESULT_FIELDS } from './result-fields.ts';

/** benchmark_summary.csv: one row a record, numbers unrounded, an empty cell for what is not known. */
export const benchmarkSummary: Report = {
  id: 'benchmark-summary',
  render: (summary) => [
    {
      kind: 'table',
      table: {
        path: 'benchmark_summary.csv',
        header: COLUMNS.map(([name]) => name),
        rows: summary.records.map((record) => COLUMNS.map(([, cell]) => cell(record))),
      },
    },
  ],
};

type Column = readonly [name: string, cell: (record: JobRecord) => Cell];

const COLUMNS: readonly Column[] = [
  ['run_name', (record) => record.run_name],
  ['also_named', (record) => record.also_named.join('; ')],
  ['mode', (record) => record.mode],
  ['status', (record) => statusOf(record)],
  ['validity', (record) => record.state],
  ['reasons', (record) => record.reasons.map(({ code, message }) => `${code}: ${message}`).join('; ')],
  ['model', ({ engine }) => engine.model],
  ['quantization', ({ engine }) => engine.quantization],
  ['dtype', (record) => record.engine_report?.dtype ?? null],
  ['kv_cache_dtype', ({ engine }) => engine.kv_cache_dtype],
  ['tensor_parallel_size', ({ engine }) => engine.tensor_parallel_size],
  ['pipeline_parallel_size', ({ engine }) => engine.pipeline_parallel_size],
  ['max_num_seqs', ({ engine }) => engine.max_num_seqs],
  ['input_len_tokens', ({ workload }) => workload.input_len],
  ['output_len_tokens', ({ workload }) => workload.output_len],
  ['prefix_len_tokens', ({ workload }) => workload.prefix_len],
  ['prefix_mode', ({ workload }) => workload.prefix_mode],
  ['prompt_len_tokens', ({ workload }) => workload.prompt_len],
  ['num_prompts', ({ workload }) => workload.num_prompts],
  ['max_model_len_tokens', (record) => record.max_model_len?.value ?? null],
  ['enable_prefix_caching', ({ engine }) => String(engine.enable_prefix_caching)],
  ['load_shape', ({ workload }) => workload.load_shape],
  ['driver', ({ method }) => `${method.driver}/${method.version}`],
  ['vllm_version', (record) => record.engine_report?.vllm_version ?? null],
  ['samples_asked', (record) => record.asked_samples],
  ['samples_valid', (record) => record.samples.filter((sample) => sample.invalid.length === 0).length],
  ...RESULT_FIELDS.map(metricKey).flatMap((key): Column[] => [
    [key, (record) => measured(record, key)?.value ?? null],
    [`${key}_stdev`, (record) => measured(record, key)?.stdev ?? null],
  ]),
  ['hit_rate_bound', (record) => record.hit_rate_bound.value],
  ['log_file', (record) => record.log?.file ?? null],
  ['job_id', (record) => record.job_id],
];

/** A record that is not valid has no number here, whatever it may have measured. */
function measured(record: JobRecord, key: string) {
  return record.state === 'valid' ? record.results[key] : undefined;
}
