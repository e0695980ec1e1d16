import { z } from 'zod';
import { Phases } from './driver-protocol.ts';
import { EngineReport, EngineSettings } from './engine.ts';
import { SOURCE_STATUSES } from './failure-class.ts';
import { Precision } from './precision.ts';
import { Telemetry } from './telemetry.ts';
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

export const Reason = z.strictObject({
  code: z.string(),
  message: z.string(),
  /** The source document's word for it, where the log has a text that it knows. */
  status: z.enum(SOURCE_STATUSES).optional(),
});
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
  /** Names of the devices that its engine was held to; empty where nothing holds it to some. */
  devices: z.array(z.string()).default([]),
  /** Attempts that ran on the same host during the measurement. */
  beside: z.array(z.string()).default([]),
  /** Programs of others that were on its devices when its engine was started, in words. */
  foreign: z.string().nullable().default(null),
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
    /** Share of the device's memory bandwidth that reading weights and KV cache took: model bandwidth utilization. */
    mbu: z.number().nullable().default(null),
    /** Share of the device's arithmetic that the model's FLOPs took: model FLOPs utilization. */
    mfu: z.number().nullable().default(null),
    /** Of all devices of the launch together; null where no driver tells it. */
    power_w: z.number().nullable().default(null),
    energy_per_output_token_j: z.number().nullable().default(null),
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
  /** What was seen of the hardware meanwhile; null where nothing was sampled. */
  telemetry: Telemetry.nullable().default(null),
});
export type Sample = z.output<typeof Sample>;

/** Where 95 of 100 repetitions of the whole procedure would have the figure; how is told in docs/statistics.md. */
export const ConfidenceInterval = z.strictObject({
  low: z.number(),
  high: z.number(),
  /** What varied: whole engine starts, or only the repeats of one start, which leaves out how starts differ. */
  over: z.enum(['starts', 'repeats']),
});
export type ConfidenceInterval = z.output<typeof ConfidenceInterval>;

/** One number over the valid samples of a job. */
export const Aggregate = z.strictObject({
  /** Median over engine processes of the median over their repeats. */
  value: z.number(),
  /** Samples it was made from, and the engine processes that they are of: an interrupted start has several. */
  n: z.int().min(1),
  starts: z.int().min(1),
  ci95: ConfidenceInterval.nullable(),
  /** Sample standard deviation (n - 1) over all samples; null for one. */
  stdev: z.number().nullable(),
  /** Coefficient of variation: standard deviation over mean; null for one sample or a mean of 0. */
  cv: z.number().nullable(),
  /** Trend from the first to the last repeat of an engine process, as a share of the median; null for fewer than 3. */
  drift: z.number().nullable(),
  min: z.number(),
  max: z.number(),
});
export type Aggregate = z.output<typeof Aggregate>;

export const RecordState = z.enum(['valid', 'invalid', 'failed', 'skipped', 'not-run']);
export type RecordState = z.output<typeof RecordState>;

/** Where the streams of the launch were merged, and the lines (1-based, inclusive) that belong to this job. */
export const LogRange = z.strictObject({ file: z.string(), first_line: z.int(), last_line: z.int().nullable() });
export type LogRange = z.output<typeof LogRange>;

/** What the engine did to the weights, from what it reports and logs; never from what was asked. */
export const RanPrecision = z.strictObject({
  /** `BF16`, `FP8 W8A8`, `MXFP4 W4A16`, ... */
  label: z.string(),
  /** Weights in device memory, over all workers. */
  weights_gib: z.number().nullable(),
  /** Kernels that its log names. */
  kernels: z.array(z.string()),
  told_by: z.array(z.enum(['engine report', 'engine log'])).min(1),
});
export type RanPrecision = z.output<typeof RanPrecision>;

/** The limit that physics sets to a point, docs/attestation.md. */
export const Bound = z.strictObject({
  accelerator: z.string(),
  /** Devices as vLLM counts them, and the chips that they are. */
  devices: z.int().min(1),
  chips: z.number().positive(),
  /** Output tokens/s at which reading weights and KV cache would take all memory bandwidth. */
  decode_tps: z.number().positive(),
  /** Prompt tokens/s at which the FLOPs would take all arithmetic units; cached tokens are not computed. */
  prefill_tps: z.number().positive(),
  /** Requests that decode at once in it. */
  batch: z.number().positive(),
});
export type Bound = z.output<typeof Bound>;

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
  /** What to know about a number that is valid all the same: a P99 of few requests, FP4 slower than FP8, ... */
  notes: z.array(Reason),
  engine: EngineSettings,
  /** What the asked precision came to; null for a point that was skipped. */
  precision: Precision.nullable(),
  /** Null where neither the engine's report nor its log tells. */
  ran: RanPrecision.nullable(),
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
  /** What this hardware allows at most; null when the device or the model is not known. */
  bound: Bound.nullable(),
  /** Seconds from the start of the process until the engine was ready, a value an engine start. */
  engine_start_s: z.array(z.number()),
  log: LogRange.nullable(),
});
export type JobRecord = z.output<typeof JobRecord>;
