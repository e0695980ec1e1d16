import { SPREADS, type SpreadId } from '../src/schema/metrics.ts';
import type { Aggregate, JobRecord } from '../src/schema/record.ts';
import { statusOf } from './entry-shape.ts';
import type { Cell, Report } from './report.ts';
import { HEADLINES, metricKey, RESULT_FIELDS } from './result-fields.ts';
import { intervalOf, startsOf } from './sampling.ts';

/** benchmark_summary.csv: one row a record, numbers unrounded, an empty cell for what is not known. */
export const benchmarkSummary: Report = {
  id: 'benchmark-summary',
  render: (summary) => [
    {
      kind: 'table',
      table: {
        path: 'benchmark_summary.csv',
        header: COLUMNS.map(([name]) => name),
        rows: summary.records.map((record) => COLUMNS.map(([, , cell]) => cell(record))),
      },
    },
  ],
};

/** Between the things of one cell; their texts have commas and semicolons of their own. */
const BETWEEN = ' | ';

type Column = readonly [name: string, meaning: string, cell: (record: JobRecord) => Cell];

const ASKED: readonly Column[] = [
  ['run_name', 'name of the point', (record) => record.run_name],
  ['also_named', 'other names of the same point; it is measured once', (record) => record.also_named.join(BETWEEN)],
  ['mode', 'what was measured, and how', (record) => record.mode],
  ['status', 'the source document’s word for how it ended', (record) => statusOf(record)],
  ['validity', 'valid, invalid, failed, skipped or not-run', (record) => record.state],
  ['reasons', 'why it is not valid, or not complete', (record) => told(record.reasons)],
  ['notes', 'what to know about a number that is valid all the same', (record) => told(record.notes)],
  ['model', 'the base model', ({ engine }) => engine.model],
  ['checkpoint', 'the checkpoint of the model that was loaded', ({ engine }) => engine.checkpoint ?? engine.model],
  ['quantization', 'the precision that was asked for', ({ engine }) => engine.quantization],
  ['ran', 'the precision that ran, as the engine tells', ({ ran }) => ran?.label ?? null],
  ['weights_gib', 'weights in device memory, all workers together, GiB', ({ ran }) => ran?.weights_gib ?? null],
  ['kernels', 'kernels that the engine’s log names', ({ ran }) => ran?.kernels.join(BETWEEN) ?? null],
  ['dtype', 'data type of the model, as the engine tells', (record) => record.engine_report?.dtype ?? null],
  ['kv_cache_dtype', 'data type of the KV cache that was asked for', ({ engine }) => engine.kv_cache_dtype],
  ['tensor_parallel_size', 'devices that share each layer', ({ engine }) => engine.tensor_parallel_size],
  ['pipeline_parallel_size', 'groups of layers on different devices', ({ engine }) => engine.pipeline_parallel_size],
  ['max_num_seqs', 'most requests at once, as asked', ({ engine }) => engine.max_num_seqs],
  ['input_len_tokens', 'input length as it was written', ({ workload }) => workload.input_len],
  ['output_len_tokens', 'tokens that each request generates', ({ workload }) => workload.output_len],
  ['prefix_len_tokens', 'shared prefix as it was written', ({ workload }) => workload.prefix_len],
  ['prefix_mode', 'whether the prefix is part of the input', ({ workload }) => workload.prefix_mode],
  ['prompt_len_tokens', 'tokens of a whole prompt', ({ workload }) => workload.prompt_len],
  ['num_prompts', 'requests of one sample', ({ workload }) => workload.num_prompts],
  ['max_model_len_tokens', 'longest context of the engine', (record) => record.max_model_len?.value ?? null],
  ['enable_prefix_caching', 'whether prefixes are cached', ({ engine }) => String(engine.enable_prefix_caching)],
  ['load_shape', 'offline-burst: every request is queued at once', ({ workload }) => workload.load_shape],
  ['driver', 'what measured, and the version of its method', ({ method }) => `${method.driver}/${method.version}`],
  ['vllm_version', 'vLLM, as the engine tells', (record) => record.engine_report?.vllm_version ?? null],
  ['samples_asked', 'measurements that were asked for: starts x repeats', (record) => record.asked_samples],
  ['samples_valid', 'measurements that count', (record) => record.samples.filter(isValid).length],
  ['engine_starts', 'engine starts that they are of', startsOf],
  ['ci95_over', 'what varied for the intervals: starts or repeats', (record) => intervalOf(record)?.over ?? null],
];

const REST: readonly Column[] = [
  ['hit_rate_bound', 'best prefix-cache hit rate that the lengths allow', (record) => record.hit_rate_bound.value],
  ['accelerator', 'the device that the bounds are of', ({ bound }) => bound?.accelerator ?? null],
  ['decode_bound_tps', 'output tok/s at which memory bandwidth is used up', ({ bound }) => bound?.decode_tps ?? null],
  ['prefill_bound_tps', 'prompt tok/s at which arithmetic is used up', ({ bound }) => bound?.prefill_tps ?? null],
  ['log_file', 'log of the launch', (record) => record.log?.file ?? null],
  ['job_id', 'hash of everything that can change the number', (record) => record.job_id],
];

/** What each column means that is no metric. */
export const CSV_MEANINGS: Readonly<Record<string, string>> = Object.fromEntries(
  [...ASKED, ...REST].map(([name, meaning]) => [name, meaning]),
);

const headlines: ReadonlySet<string> = new Set(HEADLINES);

const COLUMNS: readonly Column[] = [
  ...ASKED,
  ...RESULT_FIELDS.flatMap((field): Column[] => {
    const key = metricKey(field);
    const value: Column = [key, '', (record) => measured(record, key)?.value ?? null];
    return headlines.has(field.key) ? [value, ...spreadColumns(key)] : [value];
  }),
  ...REST,
];

function spreadColumns(key: string): Column[] {
  return Object.entries(SPREADS).map(([id, meaning]) => [
    `${key}_${id}`,
    meaning,
    (record) => spreadCell(measured(record, key), id as SpreadId),
  ]);
}

function spreadCell(aggregate: Aggregate | undefined, id: SpreadId): Cell {
  if (aggregate === undefined) return null;
  if (id === 'ci95_low') return aggregate.ci95?.low ?? null;
  if (id === 'ci95_high') return aggregate.ci95?.high ?? null;
  return aggregate[id];
}

/** A record that is not valid has no number here, whatever it may have measured. */
function measured(record: JobRecord, key: string): Aggregate | undefined {
  return record.state === 'valid' ? record.results[key] : undefined;
}

function told(reasons: JobRecord['reasons']): string {
  return reasons.map(({ code, message }) => `${code}: ${message}`).join(BETWEEN);
}

function isValid(sample: JobRecord['samples'][number]): boolean {
  return sample.invalid.length === 0;
}
