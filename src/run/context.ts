import type { Executor } from '../executors/executor.ts';
import type { Journal } from '../journal/journal.ts';
import type { Tools } from '../modes/mode.ts';
import type { Environment } from '../schema/environment.ts';
import type { Plan } from '../schema/plan.ts';
import type { Ledger } from './ledger.ts';
import type { Notify } from './notice.ts';

export interface RetryPolicy {
  readonly retries: number;
  readonly retryDelaySeconds: number;
}

/** What a run is given, and hands on to every part of it. */
export interface RunSurroundings {
  readonly plan: Plan;
  readonly directory: string;
  readonly executor: Executor<unknown>;
  readonly tools: Tools;
  /** Where this orchestrator runs; written beside every attempt. */
  readonly environment: Environment;
  /** The environment that launches start from. */
  readonly env: Readonly<Record<string, string>>;
  readonly policy: RetryPolicy;
  readonly now: () => Date;
  readonly notify: Notify;
  /** Aborted with the name of a signal when the user wants to stop. */
  readonly signal: AbortSignal;
}

/** What every part of a run needs; made once by `runPlan`. */
export interface RunContext extends RunSurroundings {
  readonly journal: Journal;
  readonly ledger: Ledger;
  /** Start of the run, for the name of the folder of merged logs. */
  readonly stamp: string;
  nextAttempt(): number;
  /** The record of this job is not what was last written. */
  recordChanged(jobId: string): void;
}
