import type { RecordState } from '../src/schema/record.ts';

/** One point as tables and charts need it: what summary_report.json tells, whoever wrote that file. */
export interface ReportRow {
  readonly run_name: string;
  /** Other runs that asked for the same point. */
  readonly also_named: readonly string[];
  /** Null in a file of the original tool. */
  readonly job_id: string | null;
  readonly model: string;
  readonly state: RecordState;
  /** Why it is not valid, a sentence each. */
  readonly reasons: readonly string[];
  /** What to know about a number that is valid all the same. */
  readonly notes: readonly { readonly code: string; readonly message: string }[];
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
  /** How a result differs between the samples that it is made from. */
  readonly spread: Readonly<Record<string, RowSpread>>;
  /** Samples that count, and the engine starts that they are of. */
  readonly sampling: { readonly n: number; readonly starts: number };
  readonly hit_rate_bound: number | null;
  /** The device whose bandwidth and arithmetic MBU and MFU are shares of. */
  readonly accelerator: string | null;
  /** The precision that ran: `FP8 W8A8`; null where the engine does not tell. */
  readonly ran: string | null;
  /** The checkpoint that was loaded, where it is not the model itself. */
  readonly checkpoint: string | null;
  readonly dtype: string | null;
  readonly vllm_version: string | null;
  readonly devices: string | null;
}

/** Null for what one sample cannot tell, and for what a file does not hold. */
export interface RowSpread {
  readonly values: readonly number[];
  readonly cv: number | null;
  readonly ci95: { readonly low: number; readonly high: number; readonly over: 'starts' | 'repeats' } | null;
}
