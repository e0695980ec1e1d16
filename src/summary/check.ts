import type { EngineLogFacts } from '../../parsers/engine-log.ts';
import type { SampledLengths } from '../../parsers/vllm-throughput.ts';
import type { DriverJob, RequestColumns } from '../schema/driver-protocol.ts';
import type { EngineReport, EngineSettings } from '../schema/engine.ts';
import type { CheckpointFacts, DeviceFacts } from '../schema/facts.ts';
import type { Precision } from '../schema/precision.ts';
import type { Workload } from '../schema/workload.ts';

/** What a measurement was asked to be. */
export interface Asked {
  readonly job_id: string;
  readonly repeat: number;
  readonly workload: Workload;
  readonly engine: EngineSettings;
  /** Of the launch, given or derived; null when vLLM was left to decide. */
  readonly max_model_len: number | null;
  readonly precision: Precision;
  /** What planning knew of the checkpoint and of the devices; null where nothing was known. */
  readonly checkpoint: CheckpointFacts | null;
  readonly devices: DeviceFacts | null;
  /** Of the vLLM that the plan was made for; null or absent where none was asked. */
  readonly vllm_version?: string | null;
  readonly min_duration_s: number;
}

/** What a measurement says it was, whatever measured it; null where its driver does not tell. */
export interface Measured {
  /** The job that the driver thought it was measuring. */
  readonly identity: {
    readonly job_id: string;
    readonly repeat: number;
    /** Version of the way in which the driver measures. */
    readonly method: number;
    readonly asked: DriverJob;
  } | null;
  readonly exit_code: number | null;
  readonly requests: number;
  readonly prompt_tokens: number | null;
  readonly output_tokens: number | null;
  /** Prompt and output tokens together. */
  readonly total_tokens: number | null;
  readonly cached_tokens: number | null;
  /** Every request, when the driver tells. */
  readonly columns: RequestColumns | null;
  readonly elapsed_s: number | null;
  readonly warmup_requests: number | null;
  readonly cache_reset: boolean | null;
  readonly engine: EngineReport | null;
  /** What the engine's log says about weights and KV cache; null when there is no log at hand. */
  readonly log: EngineLogFacts | null;
  /** The lengths that vLLM's own sampler says it draws. */
  readonly sampled: SampledLengths | null;
  /** Length flags that vLLM says it ignores. */
  readonly ignored_flags: readonly string[];
  /** The same figure from two places. */
  readonly comparisons: readonly Comparison[];
  /** Labels of result lines that should have been printed and were not. */
  readonly unprinted: readonly string[];
  /** Labels of result lines that were printed more than once. */
  readonly repeated_lines: readonly string[];
}

export interface Comparison {
  readonly what: string;
  readonly printed: number;
  readonly recomputed: number;
  /** Largest difference that printing explains. */
  readonly tolerance: number;
}

/** One row of the table that every measurement is held against. */
export interface Check {
  /** Code of the reason that it gives. */
  readonly id: string;
  readonly compares: string;
  readonly tolerance: string;
  /** The real failure that it was made for. */
  readonly stands_for: string;
  /** What is wrong, with the figures; null when nothing is, or when this driver or vLLM does not tell. */
  readonly wrong: (asked: Asked, measured: Measured) => string | null;
}
