import { z } from 'zod';
import { SOURCE_STATUSES } from '../schema/failure-class.ts';

/** What has happened in an output directory, one JSON object a line in events.jsonl; lines are only ever added. */
const at = { at: z.string() };

const OutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exited'), exitCode: z.int() }),
  z.object({ kind: z.literal('signalled'), signal: z.string() }),
  z.object({ kind: z.literal('timed-out'), afterSeconds: z.number() }),
  z.object({ kind: z.literal('stalled'), afterSeconds: z.number() }),
  z.object({ kind: z.literal('cancelled') }),
  z.object({ kind: z.literal('not-started'), reason: z.string() }),
  z.object({ kind: z.literal('lost'), reason: z.string() }),
]);

export const JournalEvent = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('run_started'),
    ...at,
    version: z.string(),
    /** The command as it was typed, without secrets; for which output directory; absent in older journals. */
    typed: z.object({ command: z.string(), cwd: z.string(), directory: z.string() }).optional(),
  }),
  z.object({
    event: z.literal('attempt_started'),
    ...at,
    attempt: z.string(),
    launch: z.string(),
    start: z.int(),
    /** What this engine was started with; a derived one can differ from that of a later plan. */
    max_model_len: z.int(),
    log: z.string(),
    /** What is known of it before it starts: its marker. Written first, so that no process is ever unknown. */
    handle: z.unknown(),
    /** Names of the devices that it is held to. */
    devices: z.array(z.string()).default([]),
    /** Other programs that were on them, in words. */
    foreign: z.string().nullable().default(null),
  }),
  /** By this handle the executor finds it again. */
  z.object({ event: z.literal('attempt_runs'), ...at, attempt: z.string(), handle: z.unknown() }),
  z.object({ event: z.literal('engine_ready'), ...at, attempt: z.string(), seconds: z.number() }),
  z.object({
    event: z.literal('measured'),
    ...at,
    attempt: z.string(),
    job: z.string(),
    start: z.int(),
    repeat: z.int(),
    /** The file with the numbers, relative to the output directory. */
    evidence: z.string(),
    /** How the process ended, where the numbers count only if it ended well; null for the resident driver. */
    outcome: OutcomeSchema.nullable(),
    /** Lines of the merged log, 1-based, inclusive. */
    lines: z.tuple([z.int(), z.int()]),
    /** Attempts that ran on this host during the measurement. */
    beside: z.array(z.string()).default([]),
    /** Bytes of the evidence; a file of another size is not what was measured. Absent in older journals. */
    bytes: z.int().optional(),
    /** Output tokens/s, and whether the sample counts, so that a resume need not read the evidence again. */
    output_throughput_tps: z.number().nullable().optional(),
    valid: z.boolean().optional(),
  }),
  z.object({
    event: z.literal('measurement_failed'),
    ...at,
    attempt: z.string(),
    job: z.string(),
    start: z.int(),
    repeat: z.int(),
    class: z.string(),
    reason: z.string(),
    status: z.enum(SOURCE_STATUSES).optional(),
    lines: z.tuple([z.int(), z.int()]).nullable(),
  }),
  /** Not attempted: another failure says that they would fail as well. */
  z.object({
    event: z.literal('measurements_skipped'),
    ...at,
    launch: z.string(),
    start: z.int(),
    measurements: z.array(z.strictObject({ job: z.string(), repeat: z.int() })),
    class: z.string(),
    reason: z.string(),
  }),
  z.object({
    event: z.literal('attempt_ended'),
    ...at,
    attempt: z.string(),
    outcome: OutcomeSchema,
    /** The line of the log that says why, when the outcome is no success. */
    reason: z.string().nullable(),
    left_behind: z.array(z.string()),
  }),
  z.object({ event: z.literal('run_ended'), ...at, interrupted_by: z.string().nullable() }),
]);
export type JournalEvent = z.output<typeof JournalEvent>;
export type Measured = Extract<JournalEvent, { event: 'measured' }>;
export type AttemptStarted = Extract<JournalEvent, { event: 'attempt_started' }>;
