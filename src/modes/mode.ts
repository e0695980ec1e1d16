import type { EngineSettings } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';
import type { Job, Launch } from '../schema/plan.ts';
import type { RunSpec } from '../schema/run-config.ts';
import type { Workload } from '../schema/workload.ts';

/** One point of a sweep, before it has a name and an id. */
export interface Point {
  readonly engine: EngineSettings;
  readonly workload: Workload;
}

/** Where things are that a command line needs. */
export interface Tools {
  readonly python: string;
  /** Absolute path of a shipped driver program. */
  driver(name: string): string;
  /** What vLLM is given for a model: `builtin:` names become paths, everything else stays. */
  modelPath(model: string): string;
}

/** A process to start; an argv array, never a shell line. */
export interface CommandSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files that the command reads, by their names in the attempt's folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** A measurement of a launch that is still to be done. */
export interface Wanted {
  readonly job: Job;
  readonly repeat: number;
  /** Output tokens/s of this job's repeats that this engine start has already; for a job with `until`. */
  readonly known?: readonly number[];
}

/** WHAT can be measured: one file and one line in index.ts each. Pure. */
export interface Mode {
  readonly id: string;
  readonly summary: string;
  /** Every combination of the run's axes, in the order in which the lists were written. */
  points(run: RunSpec, facts: Facts): Iterable<Point>;
  /** True: one process measures every job of equal engine settings. False: one process a measurement. */
  sharesEngine(engine: EngineSettings): boolean;
  command(launch: Launch, wanted: readonly Wanted[], directory: string, tools: Tools, facts: Facts): CommandSpec;
}
