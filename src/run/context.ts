import type { DeviceSources } from '../devices/sources.ts';
import type { Executor } from '../executors/executor.ts';
import type { Journal } from '../journal/journal.ts';
import type { Tools } from '../modes/mode.ts';
import type { Environment } from '../schema/environment.ts';
import type { Plan } from '../schema/plan.ts';
import type { ForeignPolicy } from '../schema/run-config.ts';
import type { DeviceGate } from './device-gate.ts';
import type { Ledger } from './ledger.ts';
import type { Neighbours } from './neighbours.ts';
import type { Notify } from './notice.ts';
import type { Verdicts } from './verdicts.ts';

/** What is done about failures. */
export interface FailurePolicy {
  /** Attempts after a failure that may pass, for each measurement that it hits, and for an engine that does not start. */
  readonly retries: number;
  /** Before the first of them; doubled before each further one. */
  readonly retryDelaySeconds: number;
  /** Engine failures without a measurement between, after which the rest of a launch is left out. */
  readonly maxConsecutiveFailures: number;
  readonly foreignProcesses: ForeignPolicy;
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
  readonly policy: FailurePolicy;
  /** What can be asked of this host about its devices. */
  readonly sources: DeviceSources;
  readonly now: () => Date;
  readonly notify: Notify;
  /** Aborted with the name of a signal when the user wants to stop. */
  readonly signal: AbortSignal;
  /** Aborted when the user asks a second time: what is being ended is killed at once. */
  readonly hurry?: AbortSignal;
}

/** What every part of a run needs; made once by `runPlan`. */
export interface RunContext extends RunSurroundings {
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly verdicts: Verdicts;
  readonly neighbours: Neighbours;
  /** Of the launches that run now. */
  readonly markers: Set<string>;
  readonly gate: DeviceGate;
  /** Start of the run, for the name of the folder of merged logs. */
  readonly stamp: string;
  nextAttempt(): number;
  /** The record of this job is not what was last written. */
  recordChanged(jobId: string): void;
}
