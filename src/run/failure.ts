import { join } from 'node:path';
import { type EngineLog, parseEngineLog } from '../../parsers/engine-log.ts';
import { classOfLine, type Failure, failureIn } from '../../parsers/failure-class.ts';
import { parseTelemetry } from '../../parsers/telemetry.ts';
import type { Lines } from '../schema/evidence.ts';
import { FAILURE_CLASSES, type FailureClassId } from '../schema/failure-class.ts';
import { describeOutcome, type Outcome } from '../schema/outcome.ts';
import type { Reason } from '../schema/record.ts';
import { linesOfEvidence } from './evidence.ts';

/** A reason whose code is the class of the failure. */
export type FailureReason = Reason & { readonly code: FailureClassId };

/** Why an attempt did not finish its measurements. */
export interface AttemptFailure {
  readonly reason: FailureReason;
  /** The largest max_model_len that cache or model allow; null where it is not told. */
  readonly fits: number | null;
}

/** What was known of an attempt when it ended. */
export interface AtTheEnd {
  /** The engine had been ready to measure. */
  readonly ready: boolean;
  /** Where in its stdout, and when, the last measurement was over: what went wrong before that cost no engine. */
  readonly since?: { readonly stdoutLine: number; readonly unixSeconds: number };
  /** What the driver said of the measurement that it ended with; counts where the log has no error. */
  readonly told?: string | null;
}

/**
 * Why an attempt did not finish its measurements, in one sentence: what happened, the line that says so, how the engine
 * ended, and what to do.
 */
export function failureOf(folder: string, outcome: Outcome, { ready, since, told = null }: AtTheEnd): AttemptFailure {
  const log = logOf(folder, since?.stdoutLine ?? 0);
  const xids = xidsIn(join(folder, 'telemetry.jsonl'), since?.unixSeconds ?? 0);
  const failure = withTold(failureIn(log, outcome, xids), told);
  const { happened } = FAILURE_CLASSES[failure.class];
  const said = failure.decisive === null ? '' : `: ${shortened(failure.decisive)}`;
  const early = ready || outcome.kind === 'not-started' ? '' : ' before it was ready';
  const message = `${happened}${said} (the engine ${describeOutcome(outcome)}${early}); ${remedyOf(failure, outcome)}`;
  return { reason: { code: failure.class, message, ...statusOf(log, failure) }, fits: failure.fits };
}

/** The log behind this line of stdout; all of it when there is no error behind it. */
function logOf(folder: string, after: number): EngineLog {
  const stdout = linesOfEvidence(join(folder, 'stdout.log'));
  const stderr = linesOfEvidence(join(folder, 'stderr.log'));
  const latest = after === 0 ? null : parseEngineLog({ stdout: behind(stdout, after), stderr });
  return latest?.decisive_error == null ? parseEngineLog({ stdout, stderr }) : latest;
}

function behind(lines: Lines, after: number): Lines {
  return {
    *[Symbol.iterator]() {
      for (const line of lines) if (line.number > after) yield line;
    },
  };
}

function withTold(failure: Failure, told: string | null): Failure {
  if (failure.decisive !== null || told === null || failure.class !== 'engine-died') return failure;
  return { ...failure, class: classOfLine(told) ?? 'measurement', decisive: told };
}

/** XID errors of the devices of an attempt since then; a night's file is walked through, not kept. */
function xidsIn(path: string, sinceUnixSeconds: number): number[] {
  const xids: number[] = [];
  for (const { text } of linesOfEvidence(path))
    if (text.includes('"xid":')) xids.push(...xidsOfLine(text, sinceUnixSeconds));
  return xids;
}

function xidsOfLine(text: string, sinceUnixSeconds: number): number[] {
  const { lines } = parseTelemetry(text);
  return lines.flatMap((line) =>
    line.line === 'sample' && line.unix_s >= sinceUnixSeconds ? (line.xids ?? []).map(({ xid }) => xid) : [],
  );
}

/** Why one measurement failed that cost the engine nothing, from the error that the driver tells. */
export function failureOfMeasurement(error: string): FailureReason {
  const code = classOfMeasurementError(error);
  const { happened, remedy } = FAILURE_CLASSES[code];
  return { code, message: `${happened}: ${shortened(error)}; ${remedy}` };
}

/** The class of an error that a driver tells of one measurement. */
export function classOfMeasurementError(error: string): FailureClassId {
  if (/^\w*DeadError\b/.test(error)) return 'engine-died';
  return classOfLine(error) ?? 'measurement';
}

/** What to do, with the figures of this failure. */
function remedyOf({ class: id, decisive, fits }: Failure, outcome: Outcome): string {
  const { remedy } = FAILURE_CLASSES[id];
  if (fits === 0) return `nothing is left for it beside the weights: ${remedy}`;
  if (fits !== null) return `at most ${fits.toLocaleString('en-US')} tokens fit: ${remedy}`;
  const killed =
    (outcome.kind === 'signalled' && outcome.signal === 'SIGKILL') || /SIGKILL|exit code: -9/.test(decisive ?? '');
  return id === 'engine-died' && killed
    ? 'dmesg says whether the kernel did it because the memory of the host ran out'
    : remedy;
}

/** The source document's words for the two texts that it knows, whatever the class. */
function statusOf(log: EngineLog, { class: id }: Failure): Pick<Reason, 'status'> {
  if (id === 'cancelled') return {};
  if (log.nvlink_error !== null) return { status: 'RETRYABLE_ERROR' };
  return log.engine_failed_to_start === null ? {} : { status: 'TERMINATED_DUE_TO_FATAL_ERROR' };
}

/** vLLM's explanations go on for lines; the whole of it is in the log. */
const LONGEST = 240;

/** Cut behind a sentence, else behind a word. */
function shortened(text: string): string {
  if (text.length <= LONGEST) return text;
  const begin = text.slice(0, LONGEST);
  const sentence = /^.{80,}[.)](?=\s)/.exec(begin)?.[0];
  return `${sentence ?? begin.replace(/\s+\S*$/, '')} ...`;
}
