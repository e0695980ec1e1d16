import type { DriverChoice } from './engine.ts';
import type { AcceleratorSpec } from './hardware.ts';
import type { Until } from './plan.ts';

/** Input, output and shared-prefix lengths in tokens, as they are written. */
export interface Lengths {
  readonly input_len: number;
  readonly output_len: number;
  readonly prefix_len?: number | undefined;
}

/** A run definition with defaults merged, `args` lifted and workloads looked up: what modes and plan work on. */
export interface RunConfig {
  readonly python: string | null;
  readonly output_dir: string | null;
  readonly retries: number | null;
  readonly retry_delay_seconds: number | null;
  /** Engine failures in a row, without a measurement between, after which the rest of a launch is left out. */
  readonly max_consecutive_failures: number | null;
  /** What to do about other programs on a launch's devices. */
  readonly foreign_processes: ForeignPolicy | null;
  /** Names of the devices to use, in place of those that are found. */
  readonly devices: readonly string[] | null;
  readonly order_seed: number;
  /** Accelerators that the user added to the table. */
  readonly accelerators: readonly AcceleratorSpec[];
  readonly runs: readonly RunSpec[];
}

/** What a launch does when other programs hold its devices. */
export const FOREIGN_POLICIES = ['wait', 'refuse', 'warn'] as const;
export type ForeignPolicy = (typeof FOREIGN_POLICIES)[number];

/** One entry of `standalone_runs`; lists are axes of its sweep, `null` in them leaves the choice to vLLM. */
export interface RunSpec {
  readonly name: string;
  readonly mode: string;
  readonly models: readonly string[];
  /** Precision as asked (`none` too) -> the checkpoint that has it. */
  readonly checkpoints: Readonly<Record<string, string>>;
  /** `auto`: as the model's own files are; null: not quantized. */
  readonly quantizations: readonly (string | null)[];
  readonly kv_cache_dtypes: readonly (string | null)[];
  readonly tensor_parallel_sizes: readonly number[];
  readonly pipeline_parallel_sizes: readonly number[];
  readonly max_num_seqs: readonly (number | null)[];
  readonly lengths: readonly Lengths[];
  /** For every length without a prefix of its own. */
  readonly prefix_lens: readonly number[];
  readonly num_prefixes: readonly number[];
  readonly num_prompts: readonly number[];
  readonly prefix_mode: 'inclusive' | 'additive';
  readonly prefix_state: 'warm' | 'cold';
  readonly share_prefix_caching: boolean;
  /** What the user said in `args`; null: on for points with a shared prefix, off for the others. */
  readonly enable_prefix_caching: boolean | null;
  readonly max_model_len: number | 'per_point' | null;
  readonly gpu_memory_utilization: number;
  readonly repeats: number;
  readonly until: Until | null;
  /** Null: 5 s on accelerators, a hundredth of a second on a CPU. */
  readonly min_duration_seconds: number | null;
  readonly starts: number;
  readonly warmups: number;
  readonly seed: number;
  readonly env: Readonly<Record<string, string>>;
  readonly timeout_minutes: number | null;
  readonly stall_minutes: number | null;
  readonly exclusive: boolean;
  readonly driver: DriverChoice;
  readonly extra_args: readonly string[];
}

/** Points of a run before equal ones are merged; counted without making them. */
export function pointCount(run: RunSpec): number {
  const lengths = run.lengths
    .flatMap(({ prefix_len }) => (prefix_len === undefined ? run.prefix_lens : [prefix_len]))
    // Without a prefix, the number of prefixes is no axis.
    .reduce((sum, prefix) => sum + (prefix > 0 ? run.num_prefixes.length : 1), 0);
  return [
    run.models,
    run.quantizations,
    run.kv_cache_dtypes,
    run.tensor_parallel_sizes,
    run.pipeline_parallel_sizes,
    run.max_num_seqs,
    run.num_prompts,
  ].reduce((product, axis) => product * axis.length, lengths);
}
