import type { EngineReport } from '../src/schema/engine.ts';
import type { Aggregate, JobRecord, RanPrecision, Reason, RecordState } from '../src/schema/record.ts';
import type { EntryConfig } from './entry-config.ts';
import type { COUNT_FIELDS, MeasuredKey } from './result-fields.ts';

/** Raised when a file of today would be misread by a reader of yesterday. */
export const ENTRY_SCHEMA = 1;

/** The source document's words for how a run ended, for a record of each state. */
const STATUS = {
  valid: 'SUCCESS',
  invalid: 'FAILED',
  failed: 'FAILED',
  skipped: 'NOT_STARTED',
  'not-run': 'NOT_STARTED',
} as const satisfies Record<RecordState, string>;

export type Status = (typeof STATUS)[RecordState] | NonNullable<Reason['status']>;

export function statusOf({ state, reasons }: Pick<JobRecord, 'state' | 'reasons'>): Status {
  const known = state === 'failed' ? reasons.find((reason) => reason.status !== undefined)?.status : undefined;
  return known ?? STATUS[state];
}

export type ResultKey = MeasuredKey | 'hit_rate_bound' | (typeof COUNT_FIELDS)[number]['key'];

/** How one number differs between the samples that it is made from; see Aggregate of the record. */
export interface Spread extends Omit<Aggregate, 'value'> {
  readonly values: readonly number[];
}

/** The precision of a point: entries of one base model are told apart by it. */
export interface EntryPrecision {
  readonly base_model: string;
  /** As asked; null for none. */
  readonly asked: string | null;
  /** What was loaded: the base model itself, or the checkpoint that holds it in this precision. */
  readonly checkpoint: string;
  /** What it came to at planning. */
  readonly planned: JobRecord['precision'];
  /** What the engine says that it did; null where it does not tell. */
  readonly ran: RanPrecision | null;
}

/** What a sample measured that does not count. */
export interface UncountedSample {
  readonly start: number;
  readonly repeat: number;
  readonly evidence: string;
  readonly reasons: readonly string[];
  readonly results: Readonly<Partial<Record<MeasuredKey, number>>>;
}

/** One entry of summary_report.json: the source document's shape and what is ours beside it. */
export interface SummaryEntry {
  readonly schema: number;
  readonly run_name: string;
  readonly mode: string;
  readonly config: EntryConfig;
  /** All null unless the record is valid: a number is only reported for the workload that was asked for and ran. */
  readonly results: Readonly<Record<ResultKey, number | null>>;
  /** Result -> why it is null. */
  readonly missing: Readonly<Record<string, string>>;
  readonly client_log_file: string | null;
  /** First and last line of this job in the log, counted from 1. */
  readonly client_log_lines: readonly [number, number | null] | null;
  readonly status: Status;
  readonly validity: RecordState;
  readonly reasons: JobRecord['reasons'];
  /** What to know about a number that is valid all the same. */
  readonly notes: JobRecord['notes'];
  readonly precision: EntryPrecision;
  readonly load_shape: string;
  readonly samples: {
    readonly asked: number;
    readonly valid: number;
    readonly invalid: number;
    /** Engine starts that the valid ones are of. */
    readonly starts: number;
    readonly spread: Readonly<Partial<Record<MeasuredKey, Spread>>>;
  };
  readonly measured_but_invalid: readonly UncountedSample[];
  readonly hit_rate_bound: JobRecord['hit_rate_bound'];
  /** What the hardware allows at most; null when the device or the model is not known. */
  readonly bound: JobRecord['bound'];
  readonly engine: EngineReport | null;
  readonly engine_start_s: readonly number[];
  readonly job_id: string;
  readonly method: JobRecord['method'];
  readonly environment: {
    readonly file: string | null;
    readonly vllm_version: string | null;
    readonly devices: string | null;
  };
}
