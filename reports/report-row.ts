import type { RecordState } from '../src/schema/record.ts';

/** One point as tables and charts need it: what summary_report.json tells, whoever wrote that file. */
export interface ReportRow {
  readonly run_name: string;
  /** Null in a file of the original tool. */
  readonly job_id: string | null;
  readonly model: string;
  readonly state: RecordState;
  /** Why it is not valid, a sentence each. */
  readonly reasons: readonly string[];
  readonly input_len: number | null;
  readonly output_len: number | null;
  readonly prefix_len: number;
  readonly prefix_mode: 'inclusive' | 'additive';
  readonly tensor_parallel_size: number;
  /** Every setting of `config`, as text; `–` for one that was left to vLLM. */
  readonly settings: Readonly<Record<string, string>>;
  /** By the names of summary_report.json; a key that is absent is as unknown as null. */
  readonly results: Readonly<Record<string, number | null>>;
  readonly missing: Readonly<Record<string, string>>;
  /** The values of the samples that a result is the mean of. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
  readonly stdev: Readonly<Record<string, number | null>>;
  readonly hit_rate_bound: number | null;
  readonly dtype: string | null;
  readonly vllm_version: string | null;
  readonly devices: string | null;
}
