import { z } from 'zod';
import { EngineReport } from './engine.ts';

/**
 * What orchestrator and driver say to each other; docs/driver-protocol.md tells it in words.
 * The Python side is src/drivers/, standard library and vllm only.
 */
export const PROTOCOL = 1;

/** Raised when a driver measures differently, so that old and new numbers are other jobs. */
export const METHOD_VERSION = { resident: 1, stock: 1, script: 1 } as const;

/** One job as the driver gets it in launch.json. */
export const DriverJob = z.strictObject({
  id: z.string(),
  run_name: z.string(),
  prompt_len: z.int(),
  shared_len: z.int(),
  num_prefixes: z.int(),
  output_len: z.int(),
  num_prompts: z.int(),
  prefix_state: z.enum(['warm', 'cold']),
  warmups: z.int(),
  seed: z.int(),
  /** The driver stops repeating when its measurements are steady; null or absent: every measurement is made. */
  until: z
    .strictObject({
      cv: z.number(),
      /** Repeats that are made in any case. */
      min_repeats: z.int(),
      /** Output tokens/s of this start's repeats that an earlier attempt measured. */
      known: z.array(z.number()),
    })
    .nullable()
    .default(null),
});
export type DriverJob = z.output<typeof DriverJob>;

export const LaunchFile = z.strictObject({
  protocol: z.literal(PROTOCOL),
  launch_id: z.string(),
  out_dir: z.string(),
  jobs: z.array(DriverJob),
  /** What to measure, in this order: index into `jobs`, and the number of the repeat. */
  measurements: z.array(z.strictObject({ job: z.int(), repeat: z.int() })),
});
export type LaunchFile = z.output<typeof LaunchFile>;

const nullableNumbers = z.array(z.number().nullable());
const nullableInts = z.array(z.int().nullable());

/** Every request of one measurement, a column a field; `*_ts` are the engine's monotonic clock in seconds. */
export const RequestColumns = z.object({
  prompt_tokens: z.array(z.int()),
  output_tokens: z.array(z.int()),
  cached_tokens: nullableInts,
  finish_reason: z.array(z.string().nullable()),
  preemptions: nullableInts,
  arrival_unix_s: nullableNumbers,
  queued_ts: nullableNumbers,
  scheduled_ts: nullableNumbers,
  first_token_ts: nullableNumbers,
  last_token_ts: nullableNumbers,
  first_token_latency_s: nullableNumbers,
});
export type RequestColumns = z.output<typeof RequestColumns>;

/** Seconds spent on each step of one measurement, outside and inside the measured time. */
export const Phases = z.object({
  prompts_s: z.number(),
  warmup_s: z.number(),
  reset_s: z.number(),
  prefix_s: z.number(),
  measure_s: z.number(),
});
export type Phases = z.output<typeof Phases>;

/** The file that the resident driver writes for each measurement: `<job id>.r<repeat>.json`. */
export const MeasurementFile = z.object({
  protocol: z.literal(PROTOCOL),
  driver: z.literal('resident'),
  method: z.int(),
  job_id: z.string(),
  run_name: z.string(),
  repeat: z.int(),
  vllm_version: z.string().nullable(),
  asked: DriverJob,
  engine: EngineReport,
  phases: Phases,
  elapsed_s: z.number().positive(),
  /** True: reset and confirmed; null: this vLLM does not tell; false: blocks were still held. */
  cache_reset: z.boolean().nullable(),
  /** Warm-up requests that finished. */
  warmup_requests: z.int(),
  /** Why per-request times are null; null when they are there. */
  metrics_missing: z.string().nullable(),
  started_unix_s: z.number(),
  requests: RequestColumns,
});
export type MeasurementFile = z.output<typeof MeasurementFile>;

/** `[orchestrate] {...}` lines on a driver's stdout. */
export const DriverEvent = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('driver_started'),
    driver: z.string(),
    method: z.int(),
    vllm_version: z.string().nullable(),
  }),
  z.object({ event: z.literal('engine_loading') }),
  z.object({ event: z.literal('engine_ready'), seconds: z.number(), engine: EngineReport }),
  z.object({ event: z.literal('job_begin'), job: z.string(), run_name: z.string(), repeat: z.int() }),
  z.object({ event: z.literal('job_end'), job: z.string(), repeat: z.int(), file: z.string().nullable() }),
  z.object({ event: z.literal('job_failed'), job: z.string(), repeat: z.int(), error: z.string() }),
  /** No more measurements of this job are made: its output throughput varies by `cv` over `repeats` of this start. */
  z.object({ event: z.literal('job_steady'), job: z.string(), repeats: z.int(), cv: z.number() }),
  /** The engine made steps since the last one; said every 10 s at most. */
  z.object({ event: z.literal('progress'), steps: z.int() }),
  z.object({ event: z.literal('driver_done') }),
]);
export type DriverEvent = z.output<typeof DriverEvent>;

/** What marks a driver's own line among the engine's output. */
export const EVENT_PREFIX = '[orchestrate] ';
