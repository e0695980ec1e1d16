import { engineCoreIsGone, showsProgress } from '../../parsers/engine-progress.ts';
import type { StopReason } from '../executors/executor.ts';

/** How long a launch may take, in seconds. */
export interface Limits {
  /** For the engine's start, or one measurement; null for no limit. */
  readonly stepSeconds: number | null;
  /** Without any sign of progress. */
  readonly stallSeconds: number;
}

/** What vLLM's parent process needs to end by itself after its engine core was killed, where it does. */
const AFTER_ENGINE_CORE_SECONDS = 30;

/** Watches one launch: told what happens and when (seconds of any clock that only goes forward), it says when to stop. */
export class Watchdog {
  readonly #limits: Limits;
  #stepSince: number;
  #progressSince: number;
  #coreGoneSince: number | null = null;

  constructor(limits: Limits, now: number) {
    this.#limits = limits;
    this.#stepSince = now;
    this.#progressSince = now;
  }

  /** The driver told of a step: the engine is ready, or a measurement has begun or ended. */
  step(now: number): void {
    this.#stepSince = now;
    this.#progressSince = now;
  }

  line(text: string, now: number): void {
    if (showsProgress(text)) this.#progressSince = now;
    if (engineCoreIsGone(text)) this.#coreGoneSince ??= now;
  }

  /** Why the launch is to be stopped now; null as long as it may go on. */
  verdict(now: number): StopReason | null {
    const { stepSeconds, stallSeconds } = this.#limits;
    if (this.#coreGoneSince !== null && now - this.#coreGoneSince > AFTER_ENGINE_CORE_SECONDS)
      return { kind: 'stalled', afterSeconds: AFTER_ENGINE_CORE_SECONDS };
    if (stepSeconds !== null && now - this.#stepSince > stepSeconds)
      return { kind: 'timed-out', afterSeconds: stepSeconds };
    if (now - this.#progressSince > stallSeconds) return { kind: 'stalled', afterSeconds: stallSeconds };
    return null;
  }
}
