import { FAILURE_CLASSES, type FailureClass } from '../../schema/failure-class.ts';
import type { JobRecord, Reason } from '../../schema/record.ts';

/** Points that went wrong in one way. This is what the last event of `--json` has; keys only get more. */
export interface Problem {
  /** `incomplete`: valid, and samples are missing. */
  readonly state: 'failed' | 'skipped' | 'invalid' | 'incomplete';
  /** The class of the failure, or the check that did not pass. */
  readonly code: string;
  readonly run_names: readonly string[];
  /** What happened: the reason of these points where they share it, else what their class says. */
  readonly message: string;
  /** What to do; null where the message has it, and where nobody knows. */
  readonly remedy: string | null;
  /** Of the first of them that failed, relative to the output directory. */
  readonly log: string | null;
}

/** What went wrong, grouped by how, the most first; points that were not attempted are no problem of their own. */
export function problemsOf(records: readonly JobRecord[]): Problem[] {
  const found = records.flatMap((record) => {
    const [reason] = record.reasons;
    const state = stateOf(record);
    return reason === undefined || state === null ? [] : [{ state, reason, record }];
  });
  const groups = Map.groupBy(found, ({ state, reason }) => `${state}/${reason.code}`);
  return [...groups.values()]
    .flatMap((group): Problem[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { state, reason } = first;
      const run_names = group.map(({ record }) => record.run_name);
      const alike = group.every((other) => other.reason.message === reason.message);
      const log = state === 'failed' ? (first.record.log?.file ?? null) : null;
      return [{ state, code: reason.code, run_names, ...wordsFor(state, reason, alike), log }];
    })
    .toSorted((a, b) => b.run_names.length - a.run_names.length);
}

function stateOf({ state, reasons }: JobRecord): Problem['state'] | null {
  if (state === 'valid') return reasons.length > 0 ? 'incomplete' : null;
  return state === 'not-run' ? null : state;
}

function wordsFor(
  state: Problem['state'],
  { code, message }: Reason,
  alike: boolean,
): Pick<Problem, 'message' | 'remedy'> {
  const known: FailureClass | undefined = Object.entries(FAILURE_CLASSES).find(([id]) => id === code)?.[1];
  if (known === undefined) return { message, remedy: null };
  // What was said of each of them says more than their class.
  if (!alike) return { message: known.happened, remedy: known.remedy };
  return { message, remedy: saysWhatToDo(state, message, known) ? null : known.remedy };
}

/**
 * What src/run/failure.ts says begins with what happened and ends with what to do, which may be better than what the
 * class has. Points are left out because of a failure, and quote it, or because they would fail as another one did.
 */
function saysWhatToDo(state: Problem['state'], message: string, { happened, remedy }: FailureClass): boolean {
  if (message.includes(remedy)) return true;
  return state === 'failed' ? message.startsWith(happened) : message.includes(`: ${happened}`);
}
