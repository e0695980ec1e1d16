import type { Outcome } from '../schema/outcome.ts';

/** A process to run, with where its streams go. */
export interface LaunchRequest {
  readonly attempt: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the attempt: working directory, and home of stdout.log and stderr.log. */
  readonly directory: string;
  /** In the environment of every process of this launch; what cleanup looks for. */
  readonly marker: string;
  /** GPUs that telemetry is asked of, as nvidia-smi names them; empty: none. */
  readonly gpus: readonly string[];
}

export interface Ended {
  readonly outcome: Outcome;
  /** Processes of the launch that would not go, in words. */
  readonly leftBehind: readonly string[];
}

/** WHERE a launch runs. The handle is JSON and journalled, so that a restarted orchestrator can find the launch again. */
export interface Executor<H> {
  readonly id: string;
  start(request: LaunchRequest): Promise<H>;
  /**
   * Ends when the launch has ended; an aborted signal ends the launch first (its reason is the outcome). Once `hurry` is
   * aborted too, a launch that is being ended is no longer given time to end in order: it is killed at once.
   */
  wait(handle: H, signal: AbortSignal, hurry?: AbortSignal): Promise<Ended>;
}

/** What an abort's reason says about why a launch was ended. */
export type StopReason =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'timed-out' | 'stalled'; readonly afterSeconds: number };

/** Environment variable that carries the marker. */
export const MARKER_VARIABLE = 'ORCHESTRATE_MARKER';
