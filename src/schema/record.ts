import { z } from 'zod';
import { Phases } from './driver-protocol.ts';
import { EngineReport, EngineSettings } from './engine.ts';
import { Workload } from './workload.ts';

/** Spread of one metric over the requests of a sample; R-7 percentiles (linear interpolation, as numpy's default). */
export const Distribution = z.strictObject({
  n: z.int().min(1),
  mean: z.number(),
  /** Sample standard deviation (n - 1); null for one value. */
  stdev: z.number().nullable(),
  min: z.number(),
  p1: z.number(),
  p50: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});
export type Distribution = z.output<typeof Distribution>;

export const Reason = z.strictObject({ code: z.string(), message: z.string() });
export type Reason = z.output<typeof Reason>;

const distributionOrNull = Distribution.nullable();

/** One measurement of a job: one repeat in one engine start. */
export const Sample = z.strictObject({
  start: z.int(),
  repeat: z.int(),
  /** Folder of the attempt, relative to the output directory. */
  attempt: z.string(),
  /** File that the numbers were read from, relative to the output directory. */
  evidence: z.string(),
  /** Why this sample does not count; empty for a valid one. */
  invalid: z.array(Reason),
  counts: z.strictObject({
    requests: z.int(),
    prompt_tokens: z.int().nullable(),
    output_tokens: z.int().nullable(),
    cached_tokens: z.int().nullable(),
    preemptions: z.int().nullable(),
  }),
  values: z.strictObject({
    request_throughput_rps: z.number().nullable(),
    output_throughput_tps: z.number().nullable(),
    total_throughput_tps: z.number().nullable(),
    elapsed_s: z.number().nullable(),
    prefix_cache_hit_rate: z.number().nullable(),
  }),
  latency: z.strictObject({
    ttft_s: distributionOrNull,
    ttft_frontend_s: distributionOrNull,
    queue_s: distributionOrNull,
    prefill_s: distributionOrNull,
    decode_s: distributionOrNull,
    e2e_s: distributionOrNull,
    tpot_s: distributionOrNull,
    tpot_tokens_per_s: distributionOrNull,
  }),
  /** Metric -> why it is null. Every null above has a line here. */
  missing: z.record(z.string(), z.string()),
  phases: Phases.nullable(),
});
export type Sample = z.output<typeof Sample>;

/** One number over the valid samples of a job: the mean of the samples' values. */
export const Aggregate = z.strictObject({
  value: z.number(),
  /** Samples it was made from. */
  n: z.int().min(1),
  /** Sample standard deviation over samples; null for one. */
  stdev: z.number().nullable(),
  min: z.number(),
  max: z.number(),
});
export type Aggregate = z.output<typeof Aggregate>;

export const RecordState = z.enum(['valid', 'invalid', 'failed', 'skipped', 'not-run']);
export type RecordState = z.output<typeof RecordState>;

/** Where the streams of the launch were merged, and the lines (1-based, inclusive) that belong to this job. */
export const LogRange = z.strictObject({ file: z.string(), first_line: z.int(), last_line: z.int().nullable() });
export type LogRange = z.output<typeof LogRange>;

/** A job's outcome. */
export const JobRecord = z.strictObject({
  schema: z.literal(1),
  job_id: z.string(),
  run_name: z.string(),
  also_named: z.array(z.string()),
  mode: z.string(),
  state: RecordState,
  /** Why it is not valid; empty for a valid record. */
  reasons: z.array(Reason),
  engine: EngineSettings,
  max_model_len: z.strictObject({ value: z.int(), origin: z.enum(['given', 'derived']) }).nullable(),
  workload: Workload,
  /** Best possible hit rate, with the block size it was computed for. */
  hit_rate_bound: z.strictObject({
    value: z.number(),
    block_size: z.int(),
    block_size_origin: z.enum(['engine', 'assumed']),
  }),
  method: z.strictObject({ driver: z.string(), version: z.int() }),
  /** Measurements that were asked for: starts x repeats. */
  asked_samples: z.int(),
  samples: z.array(Sample),
  /** Over the valid samples; a key is absent when no valid sample has the metric (see `missing`). */
  results: z.record(z.string(), Aggregate),
  missing: z.record(z.string(), z.string()),
  engine_report: EngineReport.nullable(),
  /** Seconds from the start of the process until the engine was ready, a value an engine start. */
  engine_start_s: z.array(z.number()),
  log: LogRange.nullable(),
});
export type JobRecord = z.output<typeof JobRecord>;
