import { setTimeout as sleep } from 'node:timers/promises';
import type { Ended, Executor, StopReason } from './executor.ts';
import { type Keeper, type Started, start } from './spawn.ts';
import { sweepMarkers } from './sweep.ts';

export interface LocalHandle {
  readonly pid: number | null;
  readonly marker: string;
}

export interface LocalOptions {
  /** Without one, what a launch leaves behind is found by its marker only. */
  readonly keeper: Keeper | null;
  /** How long an engine may take to end in order before it is killed: vLLM gives its own workers 5 to 10 s. */
  readonly graceSeconds: number;
  /** After the driver has ended, how long its engine core and workers may still need. */
  readonly stragglerSeconds: number;
  /** How long a keeper that was told to kill everything may take, until it is killed itself; it gives up after 15 s. */
  readonly keeperSeconds: number;
}
const DEFAULTS: LocalOptions = { keeper: null, graceSeconds: 20, stragglerSeconds: 10, keeperSeconds: 20 };

/** Runs launches on this host, each through a keeper, and sees to it that no process of them is left. */
export function localExecutor(options: Partial<LocalOptions> = {}): Executor<LocalHandle> {
  const settings = { ...DEFAULTS, ...options };
  const running = new Map<string, Started>();
  return {
    id: 'local',
    start: async (request) => {
      const started = start(request, settings.keeper, settings.stragglerSeconds);
      running.set(request.marker, started);
      return { pid: started.pid, marker: request.marker };
    },
    wait: async ({ marker }, signal, hurry) => {
      const started = running.get(marker);
      if (started === undefined)
        return { outcome: { kind: 'lost', reason: 'started by another orchestrator' }, leftBehind: [] };
      try {
        return await waitFor(started, marker, settings, signal, hurry);
      } finally {
        running.delete(marker);
      }
    },
  };
}

async function waitFor(
  started: Started,
  marker: string,
  settings: LocalOptions,
  signal: AbortSignal,
  hurry: AbortSignal | undefined,
): Promise<Ended> {
  let stopped: StopReason | null = null;
  const gone = new AbortController();
  const stop = () => {
    stopped = signal.reason as StopReason;
    void end(started, settings, gone.signal, hurry);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const { outcome, leftBehind } = await started.exit;
  gone.abort();
  signal.removeEventListener('abort', stop);
  const patienceSeconds = hurry?.aborted ? 0 : settings.stragglerSeconds;
  const swept = await sweepMarkers([marker], { politely: false, patienceSeconds });
  return {
    // Order matters: a process that timed out or was cancelled also died of a signal or exited with a code.
    outcome: stopped ?? outcome,
    leftBehind: [...new Set([...leftBehind, ...swept.leftBehind])],
  };
}

/** SIGTERM to the whole group; when it has not ended in time, or there is no time, everything is killed. */
async function end(
  { pid }: Started,
  { keeper, graceSeconds, keeperSeconds }: LocalOptions,
  gone: AbortSignal,
  hurry: AbortSignal | undefined,
): Promise<void> {
  if (pid === null) return;
  kill(-pid, 'SIGTERM');
  await pause(graceSeconds, gone, hurry);
  if (gone.aborted) return;
  if (keeper !== null) {
    kill(pid, 'SIGUSR1');
    await pause(keeperSeconds, gone);
    if (gone.aborted) return;
  }
  kill(-pid, 'SIGKILL');
}

/** Until one of the signals is aborted, or the time is over. */
async function pause(seconds: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const signal = AbortSignal.any(signals.flatMap((each) => each ?? []));
  await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone already, which is what was wanted
  }
}
