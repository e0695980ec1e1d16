import { setTimeout as sleep } from 'node:timers/promises';
import { type Ended, type Place, run, start } from './program.ts';
import type { Chance } from './random.ts';

/** SIGKILL twice as often: it is the one that nobody hears. */
const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const SIGNAL_EXIT: Readonly<Record<string, number>> = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 };
/** A launch is given 20 s to end in order, and its remains 10 s. */
const PATIENCE_MS = 60_000;
/** A measurement that failed is made again by the same command, and each mishap happens once. */
const MOST_RESUMES = 20;

export interface Told {
  readonly kills: number;
  /** What did not go as it must: a sentence each. */
  readonly wrong: readonly string[];
}

/**
 * Kills a run at random moments and gives the same command again, `kills` times, and then until it is complete. `wholeMs`:
 * what an undisturbed run takes on this machine, so that the moments are as well spread on a slow one.
 */
export async function killAndResume(place: Place, chance: Chance, kills: number, wholeMs: number): Promise<Told> {
  const wrong: string[] = [];
  let done = 0;
  for (; done < kills; done += 1) {
    const signal = chance.pick(`signal ${done}`, SIGNALS);
    const afterMs = wholeMs * (0.08 + 0.6 * chance.number(`moment ${done}`));
    const what = `kill ${done}: ${signal} after ${afterMs.toFixed(0)} ms`;
    const running = start(place);
    await Promise.race([sleep(afterMs), running.ended]);
    running.kill(signal);
    const ended = await within(running.ended, PATIENCE_MS);
    if (ended === null) {
      wrong.push(`${what}: it still runs after ${PATIENCE_MS / 1000} s`);
      running.kill('SIGKILL');
      await running.ended;
    } else wrong.push(...strangeEnd(ended, signal).map((text) => `${what}: ${text}`));
    // It was complete before: nothing is left to be killed in.
    if (ended?.code === 0) break;
  }
  return { kills: done, wrong: [...wrong, ...(await resumeToTheEnd(place))] };
}

/** Gives the same command until it says that all is there; what it says otherwise than by measurements that failed. */
export async function resumeToTheEnd(place: Place): Promise<string[]> {
  for (let resumes = 0; ; resumes += 1) {
    const { code, signal, text } = await run(place);
    if (code === 0) return [];
    if (resumes === MOST_RESUMES || (code !== 3 && code !== 4))
      return [`resume ${resumes} ended with ${signal ?? code}: ${text.slice(-2000)}`];
  }
}

/** It was killed, it stopped in order, or it was at its end already (3: with failures). */
function strangeEnd({ code, signal, text }: Ended, sent: NodeJS.Signals): string[] {
  const isAsSent = signal === sent || code === SIGNAL_EXIT[sent];
  return isAsSent || code === 0 || code === 3 || code === 4
    ? []
    : [`it ended with ${signal ?? code}: ${text.slice(-2000)}`];
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  const controller = new AbortController();
  const late = sleep(milliseconds, null, { signal: controller.signal }).catch(() => null);
  const first = await Promise.race([promise, late]);
  controller.abort();
  return first;
}
