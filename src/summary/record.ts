import type { EngineReport, EngineSettings } from '../schema/engine.ts';
import type { Job, Launch, SkippedJob } from '../schema/plan.ts';
import type { Precision } from '../schema/precision.ts';
import type { JobRecord, LogRange, RanPrecision, Reason, RecordState, Sample } from '../schema/record.ts';
import { hitRateBound, type Workload } from '../schema/workload.ts';
import { notesOf } from './notes.ts';
import { missingOf, resultsOf } from './results.ts';

/** A measurement that was attempted and is not there. */
export interface Failure {
  readonly start: number;
  readonly repeat: number;
  readonly reason: Reason;
  /** Not attempted: another failure says that it would fail as well. */
  readonly skipped?: boolean;
}

/** What is known of a job when its record is written. */
export interface Outcomes {
  readonly job: Job;
  readonly engine: EngineSettings;
  readonly precision: Precision | null;
  readonly max_model_len: Launch['max_model_len'] | null;
  readonly method: JobRecord['method'];
  /** Starts x repeats. */
  readonly asked_samples: number;
  readonly samples: readonly Sample[];
  /** Of every attempt; one that a later attempt made good again does not count. */
  readonly failures: readonly Failure[];
  /** An attempt with a measurement file of it that the journal does not tell of; absent or null: there is none. */
  readonly untold?: string | null;
  readonly engine_report: EngineReport | null;
  /** What became of the weights; null where nobody tells. */
  readonly ran: RanPrecision | null;
  /** What its devices allow at most; null when they or the model are not known. */
  readonly bound: JobRecord['bound'];
  readonly engine_start_s: readonly number[];
  readonly log: LogRange | null;
}

/**
 * A job's record, stricter the more is known:
 * `invalid` when one sample is: what spoiled it may have spoiled the others;
 * `failed` when an attempt failed and no sample is there; `not-run` when nothing was attempted;
 * `valid` when every sample is valid. When some were never measured it stays `valid`, with the reason `incomplete`.
 */
export function recordOf(outcomes: Outcomes): JobRecord {
  const { job, samples } = outcomes;
  const verdict = verdictOf(outcomes);
  const results = resultsOf(samples);
  const deviceType = outcomes.engine_report?.device_type ?? null;
  return {
    schema: 1,
    job_id: job.id,
    run_name: job.run_name,
    also_named: job.also_named,
    mode: job.mode,
    ...verdict,
    notes: verdict.state === 'valid' ? notesOf(job, samples, results, deviceType) : [],
    engine: outcomes.engine,
    precision: outcomes.precision,
    ran: outcomes.ran,
    max_model_len: outcomes.max_model_len,
    workload: job.workload,
    hit_rate_bound: boundOf(job.workload, outcomes.engine_report?.block_size ?? null),
    method: outcomes.method,
    asked_samples: outcomes.asked_samples,
    samples: [...samples],
    results,
    missing: missingOf(samples),
    engine_report: outcomes.engine_report,
    bound: outcomes.bound,
    engine_start_s: [...outcomes.engine_start_s],
    log: outcomes.log,
  };
}

/** The record of a point that cannot be measured, known before anything was started. */
export function skippedRecord(skipped: SkippedJob, jobId: string, method: JobRecord['method']): JobRecord {
  return {
    schema: 1,
    job_id: jobId,
    run_name: skipped.run_name,
    also_named: [],
    mode: skipped.mode,
    state: 'skipped',
    reasons: [{ code: 'skipped', message: skipped.reason }],
    notes: [],
    engine: skipped.engine,
    precision: null,
    ran: null,
    max_model_len: null,
    workload: skipped.workload,
    hit_rate_bound: boundOf(skipped.workload, null),
    method,
    asked_samples: 0,
    samples: [],
    results: {},
    missing: missingOf([]),
    engine_report: null,
    bound: null,
    engine_start_s: [],
    log: null,
  };
}

function verdictOf(outcomes: Outcomes): { state: RecordState; reasons: Reason[] } {
  const { samples, asked_samples } = outcomes;
  const measured = new Set(samples.map(placeOf));
  const failures = outcomes.failures.filter((failure) => !measured.has(placeOf(failure)));
  const invalid = samples.flatMap((sample) => sample.invalid.map((reason) => told(sample, reason, asked_samples)));
  const failed = distinct(failures.map(({ reason }) => reason));
  if (invalid.length > 0) return { state: 'invalid', reasons: [...invalid, ...failed] };
  if (samples.length === 0) {
    if (failed.length > 0) {
      return { state: failures.every(({ skipped }) => skipped === true) ? 'skipped' : 'failed', reasons: failed };
    }
    return { state: 'not-run', reasons: [{ code: 'not-run', message: whyNotRun(outcomes) }] };
  }
  if (measured.size >= asked_samples) return { state: 'valid', reasons: [] };
  const why = failed.length === 0 ? 'the rest was not attempted' : failed.map(({ message }) => message).join('; ');
  const message = `${measured.size} of ${asked_samples} samples: ${why}`;
  return { state: 'valid', reasons: [{ code: 'incomplete', message }] };
}

function whyNotRun({ untold = null }: Outcomes): string {
  if (untold === null) return 'not attempted: the run ended before its turn; the same command goes on with it';
  const evidence = `there is evidence in attempts/${untold}, of which events.jsonl does not tell`;
  return `not counted: ${evidence}; the same command measures it again`;
}

function placeOf({ start, repeat }: { readonly start: number; readonly repeat: number }): string {
  return `start ${start}, repeat ${repeat}`;
}

/** Which sample it was, unless there is only one. */
function told(sample: Sample, { code, message }: Reason, asked: number): Reason {
  return { code, message: asked === 1 ? message : `${placeOf(sample)}: ${message}` };
}

/** One engine that died fails all its jobs' repeats for the same reason: once is enough. */
function distinct(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map((reason) => [`${reason.code}\n${reason.message}`, reason])).values()];
}

/** vLLM's block size on a GPU, for an engine that never told its own. */
const ASSUMED_BLOCK_SIZE = 16;

function boundOf(workload: Workload, told: number | null): JobRecord['hit_rate_bound'] {
  const block_size = told ?? ASSUMED_BLOCK_SIZE;
  const block_size_origin = told === null ? 'assumed' : 'engine';
  return { value: hitRateBound(workload, block_size), block_size, block_size_origin };
}
