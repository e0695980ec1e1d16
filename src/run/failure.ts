import { join } from 'node:path';
import { type EngineLog, parseEngineLog } from '../../parsers/engine-log.ts';
import { classOfLine, type Failure, failureIn } from '../../parsers/failure-class.ts';
import { parseTelemetry } from '../../parsers/telemetry.ts';
import { FAILURE_CLASSES, type FailureClassId } from '../schema/failure-class.ts';
import { describeOutcome, type Outcome } from '../schema/outcome.ts';
import type { Reason } from '../schema/record.ts';
import { linesOfEvidence } from './evidence.ts';

/** A reason whose code is the class of the failure. */
export type FailureReason = Reason & { readonly code: FailureClassId };

/** Why an attempt did not finish its measurements. */
export interface AttemptFailure {
  readonly reason: FailureReason;
  /** With `kv-cache-too-small`: the largest max_model_len that would fit; null where it is not told. */
  readonly fits: number | null;
}

/**
 * Why an attempt did not finish its measurements, in one sentence: what happened, the line that says so, how the engine
 * ended, and what to do. `ready`: the engine had been ready to measure.
 */
export function failureOf(folder: string, outcome: Outcome, { ready }: { readonly ready: boolean }): AttemptFailure {
  const log = parseEngineLog({
    stdout: linesOfEvidence(join(folder, 'stdout.log')),
    stderr: linesOfEvidence(join(folder, 'stderr.log')),
  });
  const failure = failureIn(log, outcome, xidsIn(join(folder, 'telemetry.jsonl')));
  const { happened } = FAILURE_CLASSES[failure.class];
  const said = failure.decisive === null ? '' : `: ${shortened(failure.decisive)}`;
  const early = ready || outcome.kind === 'not-started' ? '' : ' before it was ready';
  const message = `${happened}${said} (the engine ${describeOutcome(outcome)}${early}); ${remedyOf(failure, outcome)}`;
  return { reason: { code: failure.class, message, ...statusOf(log, failure) }, fits: failure.fits };
}

/** XID errors of the devices of an attempt; a night's file is walked through, not kept. */
function xidsIn(path: string): number[] {
  const xids: number[] = [];
  for (const { text } of linesOfEvidence(path)) if (text.includes('"xid":')) xids.push(...xidsOfLine(text));
  return xids;
}

function xidsOfLine(text: string): number[] {
  const { lines } = parseTelemetry(text);
  return lines.flatMap((line) => (line.line === 'sample' ? (line.xids ?? []).map(({ xid }) => xid) : []));
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
