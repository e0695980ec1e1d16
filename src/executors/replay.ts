import { setImmediate as turn } from 'node:timers/promises';
import type { Outcome } from '../schema/outcome.ts';
import type { Ended, Executor, LaunchRequest, StopReason } from './executor.ts';

/** What a launch did in a replay; times are seconds of the virtual clock. */
export interface Replayed {
  readonly attempt: string;
  /** `gpus` of its request. */
  readonly devices: readonly string[];
  readonly started: number;
  readonly ended: number;
}

export interface ReplayHandle {
  readonly attempt: string;
}

export interface ReplayExecutor extends Executor<ReplayHandle> {
  /** Seconds since the replay began. */
  now(): number;
  /** Launches that have ended, in the order of their ends. */
  readonly replayed: readonly Replayed[];
}

/**
 * Carries a schedule out in virtual time: a launch starts no process, takes the seconds that it is said to take and
 * ends well. The clock jumps to the next end as soon as every launch is waited for and nothing else is left to do in
 * this turn of the event loop; nobody sleeps, so times are exact. A replayed launch writes no line and no file, so
 * nothing of it can pass for a measurement: to a run, each of its points is one without a result.
 *
 * @param secondsOf how long a launch takes
 */
export function replayExecutor(secondsOf: (request: LaunchRequest) => number): ReplayExecutor {
  const clock = new VirtualClock();
  return {
    id: 'replay',
    now: () => clock.now,
    replayed: clock.replayed,
    start: async (request) => {
      const { attempt, gpus } = request;
      clock.running.set(attempt, {
        devices: gpus,
        started: clock.now,
        ends: clock.now + secondsOf(request),
        tell: null,
      });
      return { attempt };
    },
    wait: ({ attempt }, signal) =>
      new Promise((resolve) => {
        const stop = () => clock.end(attempt, signal.reason as StopReason);
        const tell = (ended: Ended) => {
          signal.removeEventListener('abort', stop);
          resolve(ended);
        };
        const launch = clock.running.get(attempt);
        if (launch === undefined) {
          tell({ outcome: { kind: 'lost', reason: 'not a launch of this replay' }, leftBehind: [] });
          return;
        }
        launch.tell = tell;
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
        clock.jumpLater();
      }),
  };
}

interface Running {
  readonly devices: readonly string[];
  readonly started: number;
  readonly ends: number;
  /** Tells whoever waits for it; null while nobody does. */
  tell: ((ended: Ended) => void) | null;
}

class VirtualClock {
  readonly running = new Map<string, Running>();
  readonly replayed: Replayed[] = [];
  now = 0;
  #willJump = false;

  end(attempt: string, outcome: Outcome): void {
    const launch = this.running.get(attempt);
    if (launch === undefined) return;
    this.running.delete(attempt);
    this.replayed.push({ attempt, devices: launch.devices, started: launch.started, ended: this.now });
    launch.tell?.({ outcome, leftBehind: [] });
    this.jumpLater();
  }

  /** Everybody does first what they can do now, such as to start what waited for an end. */
  jumpLater(): void {
    if (this.#willJump) return;
    this.#willJump = true;
    void turn().then(() => {
      this.#willJump = false;
      this.#jump();
    });
  }

  #jump(): void {
    const launches = [...this.running];
    if (launches.length === 0 || launches.some(([, { tell }]) => tell === null)) return;
    this.now = Math.min(...launches.map(([, { ends }]) => ends));
    for (const [attempt, { ends }] of launches) {
      if (ends === this.now) this.end(attempt, { kind: 'exited', exitCode: 0 });
    }
  }
}
