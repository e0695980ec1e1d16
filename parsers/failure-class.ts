import type { FailureClassId } from '../src/schema/failure-class.ts';
import type { Outcome } from '../src/schema/outcome.ts';
import type { DecisiveError } from './decisive-error.ts';
import { type EngineLog, NVLINK } from './engine-log.ts';
import { FAILURE_RULES } from './failure-rules.ts';
import type { Rule } from './model-failure-rules.ts';

/** What an attempt failed of. */
export interface Failure {
  readonly class: FailureClassId;
  /** The line that says so; null where no line does. */
  readonly decisive: string | null;
  /** The largest max_model_len that cache or model allow, 0 for none; null where it is not told. */
  readonly fits: number | null;
}

/**
 * Why an attempt did not finish, from its log, from how its process ended, and from the XID errors that the kernel told
 * of meanwhile.
 */
export function failureIn(log: EngineLog, outcome: Outcome, xids: readonly number[] = []): Failure {
  const failure = fromLog(log, outcome);
  const xid = xids.find((number) => !PROGRAM_XIDS.includes(number));
  if (xid === undefined || !FOLLOWS_FROM_XID.has(failure.class)) return failure;
  const then = failure.decisive === null ? '' : `, then ${failure.decisive}`;
  return { ...unsaid('device-lost'), decisive: `XID ${xid} in the kernel's log${then}` };
}

/** Those that a program brings about (NVIDIA, XID Errors); the others are of the device or its driver. */
const PROGRAM_XIDS: readonly number[] = [13, 31, 43, 45];
/** What an engine may say of it, or not say at all, when its device fails. */
const FOLLOWS_FROM_XID: ReadonlySet<FailureClassId> = new Set([
  ...(['device-link', 'kernel-fault', 'engine-died', 'hang', 'timed-out', 'lost'] as const),
]);

function fromLog(log: EngineLog, outcome: Outcome): Failure {
  if (outcome.kind === 'cancelled') return unsaid('cancelled');
  if (outcome.kind === 'not-started') return unsaid(classNotStarted(outcome.reason));
  // Wherever it stands: the source document looks for the text alone.
  const error = log.decisive_error;
  if (log.nvlink_error !== null) {
    const line = error?.text.includes(NVLINK) ? error.text : log.nvlink_error.value.trim();
    return { ...unsaid('device-lost'), decisive: line };
  }
  const known = error === null ? null : classOfError(error);
  if (outcome.kind === 'stalled' || outcome.kind === 'timed-out') {
    // What it waited for is gone. A traceback of others than the engine may have been of no consequence.
    const isCause = error !== null && (error.by === 'engine' || error.by === 'kernel');
    if (!isCause && log.engine_core_gone === null) return unsaid(outcome.kind === 'stalled' ? 'hang' : 'timed-out');
  }
  return { class: known ?? classUnknown(outcome), decisive: error?.text ?? null, fits: lengthThatFits(known, error) };
}

function unsaid(id: FailureClassId): Failure {
  return { class: id, decisive: null, fits: null };
}

/** The class of an error that is told in one line, `ValueError: what it says`; null when it is none that is known. */
export function classOfLine(line: string): FailureClassId | null {
  const [, exception = null] = /^(\w+)(?::|$)/.exec(line) ?? [];
  return classOfError({ text: line, exception, details: [] });
}

function classUnknown(outcome: Outcome): FailureClassId {
  if (outcome.kind === 'signalled' && outcome.signal === 'SIGBUS') return 'shared-memory';
  return outcome.kind === 'lost' ? 'lost' : 'engine-died';
}

/** The system's own names of why no process could be made. */
function classNotStarted(reason: string): FailureClassId {
  if (/\bENOSPC\b/.test(reason)) return 'disk-full';
  return /\bENOMEM\b/.test(reason) ? 'host-memory' : 'not-started';
}

/** vLLM 0.8.5 prints `Based on the available memory,` and forgets the figure; that nothing is left for it is one. */
function lengthThatFits(known: FailureClassId | null, error: DecisiveError | null): number | null {
  const said = error?.text ?? '';
  if (known === 'max-model-len') return numberOf(POSITIONS.exec(said));
  if (known !== 'kv-cache-too-small') return null;
  if (/No available memory for the cache blocks/.test(said)) return 0;
  return numberOf(/the estimated maximum model length is (?<length>\d+)\./.exec(said));
}

// ... is greater than the derived max_model_len (max_position_embeddings=16384.0 or model_max_length=None ...   (0.32)
const POSITIONS = /derived max_model_len \(\w+=(?<length>\d+)(?:\.0)?\b/;

function numberOf(match: RegExpExecArray | null): number | null {
  const length = match?.groups?.['length'];
  return length === undefined ? null : Number(length);
}

/** The class of a decisive error; null when it is none that is known. */
function classOfError({
  text,
  exception,
  details,
}: Pick<DecisiveError, 'text' | 'exception' | 'details'>): FailureClassId | null {
  const said = text.replace(exception === null ? '' : prefix, '');
  const matches = (rule: Rule) =>
    (rule.exception === undefined || rule.exception.test(exception ?? '')) &&
    (rule.says === undefined || rule.says.some((text) => text.test(said))) &&
    (rule.adds === undefined || details.some((line) => rule.adds?.test(line)));
  return FAILURE_RULES.find(matches)?.class ?? busyOrTooLittle(said);
}

const prefix = /^(?:\w+(?: error| failed)?[,:] )/;

/**
 * `Free memory on device cuda:0 (3.27/15.98 GiB) on startup is less than desired GPU memory utilization (0.9, ...)`,
 * from vLLM 0.9 on: other programs hold it, unless nearly all is free. Of an idle device up to 6 % are not (an MI355X: 271
 * of 288 GiB).
 */
function busyOrTooLittle(said: string): FailureClassId | null {
  const { free, total } = freeMemory.exec(said)?.groups ?? {};
  if (free === undefined || total === undefined) return null;
  return Number(free) / Number(total) > 0.9 ? 'device-memory' : 'device-busy';
}

const freeMemory = /^Free memory on device .{0,40}\((?<free>[\d.]+)\/(?<total>[\d.]+) GiB\) on startup is less than/;
