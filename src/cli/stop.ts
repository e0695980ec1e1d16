import { Refusal } from '../errors/refusal.ts';
import { Interrupted, type Shell, type StopSignal } from './shell.ts';

/** How a run is told that somebody wants it to stop. */
export interface Stop {
  readonly signal: AbortSignal;
  readonly hurry: AbortSignal;
  /** What to say instead of a refusal that came while stopping: that it was stopped comes first. */
  insteadOf(error: unknown): unknown;
  release(): void;
}

/** The first signal ends the launches in order, the second kills them; what was measured is kept either way. */
export function stopOnSignals(shell: Shell, note: (text: string) => void): Stop {
  const [stop, hurry] = [new AbortController(), new AbortController()];
  const release = shell.onStop((name) => {
    if (!stop.signal.aborted) {
      note(`${name}: stopping the engine and its workers; every finished point is kept (again: kill them at once)`);
      stop.abort(name);
    } else if (!hurry.signal.aborted) {
      note(`${name} again: killing the engine and its workers`);
      hurry.abort(name);
    } else note('killed already; every finished point is being written');
  });
  return {
    ...{ signal: stop.signal, hurry: hurry.signal, release },
    insteadOf: (error) =>
      stop.signal.aborted && error instanceof Refusal
        ? new Interrupted(stop.signal.reason as StopSignal, error.message, error.remedy)
        : error,
  };
}
