import { isDeepStrictEqual } from 'node:util';
import { neededLength } from '../modes/vllm-throughput.ts';
import type { EngineSettings } from '../schema/engine.ts';
import { FAILURE_CLASSES, type FailureClassId, type Reach } from '../schema/failure-class.ts';
import type { Launch } from '../schema/plan.ts';
import type { Workload } from '../schema/workload.ts';

/** A failure that no retry has mended. */
export interface Verdict {
  readonly class: FailureClassId;
  readonly launch: Launch;
  /** Of the measurement that failed; null when the engine did not start. */
  readonly workload: Workload | null;
  /** The largest max_model_len that cache or model allow; null where it is not told. */
  readonly fits?: number | null;
}

export interface Candidate {
  readonly launch: Launch;
  readonly workload: Workload;
}

/**
 * Why a point is certain to fail as another one did, in a sentence; null when it is not certain. Being wrong here costs
 * a measurement, being careful only a start: what merely is likely is tried.
 */
export function dominated(failure: Verdict, candidate: Candidate): string | null {
  const { happened, reach }: { happened: string; reach: Reach } = FAILURE_CLASSES[failure.class];
  if (reach === 'none' || !REACHES[reach](failure, candidate)) return null;
  return `${happened} in ${failure.launch.name}, and this point ${WHY[reach]}`;
}

type Certain = (failure: Verdict, candidate: Candidate) => boolean;

const WHY: Readonly<Record<Exclude<Reach, 'none'>, string>> = {
  larger: 'needs as much or more',
  loading: 'has the same model, precision and parallel sizes',
  engine: 'has the same engine settings',
  flags: 'has the same flags',
  model: 'has the same model',
};

/** What decides which files are read; `extra_args` and `env` may name another revision, cache or token. */
const MODEL = ['model', 'checkpoint', 'extra_args', 'env'] as const;
const PRECISION = [...MODEL, 'quantization', 'kv_cache_dtype', 'driver'] as const;
const FLAGS = [...PRECISION, 'enable_prefix_caching'] as const;
const LOADING = [...PRECISION, 'tensor_parallel_size', 'pipeline_parallel_size'] as const;
const ENGINE = [...FLAGS, ...LOADING, 'max_num_seqs', 'gpu_memory_utilization'] as const;

const REACHES: Readonly<Record<Exclude<Reach, 'none'>, Certain>> = {
  larger: (failure, candidate) => LARGER[failure.class]?.(failure, candidate) ?? false,
  loading: same(LOADING),
  engine: (failure, candidate) => same(ENGINE)(failure, candidate) && lengthOf(candidate) === lengthOf(failure),
  // A number that is a number is a valid flag, so parallel sizes and their like make no difference.
  flags: same(FLAGS),
  model: same(MODEL),
};

/** What `needs as much or more` means for each class that reaches so. */
const LARGER: Readonly<Partial<Record<FailureClassId, Certain>>> = {
  // A larger share of the memory leaves less for what lies outside of vLLM's own count.
  'device-memory': needsMore((asked, failed) => asked >= failed),
  // Here it is the other way round: a smaller share leaves less for the cache.
  'kv-cache-too-small': (failure, candidate) =>
    isTooLong(failure, candidate) && needsMore((asked, failed) => asked <= failed)(failure, candidate),
  'max-model-len': (failure, candidate) =>
    isTooLong(failure, candidate) && same(MODEL)(failure, candidate) && lengthOf(candidate) >= lengthOf(failure),
  'point-too-long': isTooLongToo,
};

/** A launch whose max_model_len is derived is started again with a shorter one: what its points need decides. */
function isTooLong(failure: Verdict, { launch, workload }: Candidate): boolean {
  if (failure.workload !== null || launch.max_model_len.origin === 'given') return true;
  return neededLength(workload, launch.engine.driver) > (failure.fits ?? lengthOf(failure) - 1);
}

/** The engine that failed to start had more devices and less to hold; or the measurement was a smaller one. */
function needsMore(share: (asked: number, failed: number) => boolean): Certain {
  return (failure, candidate) => {
    if (lengthOf(candidate) < lengthOf(failure)) return false;
    if (failure.workload !== null)
      return same(ENGINE)(failure, candidate) && isLarger(candidate.workload, failure.workload);
    const [asked, failed] = [candidate.launch.engine, failure.launch.engine];
    return (
      same(FLAGS)(failure, candidate) &&
      // Each device holds a part of weights and cache: with fewer devices of a kind its part is larger.
      asked.tensor_parallel_size <= failed.tensor_parallel_size &&
      asked.pipeline_parallel_size <= failed.pipeline_parallel_size &&
      share(asked.gpu_memory_utilization, failed.gpu_memory_utilization) &&
      atLeast(asked.max_num_seqs, failed.max_num_seqs)
    );
  };
}

/** vLLM's own benchmark measures texts, whose length in tokens is not exact: only the same are surely as long. */
function isTooLongToo(failure: Verdict, candidate: Candidate): boolean {
  const { workload: failed } = failure;
  const { workload: asked } = candidate;
  if (failed === null || !same(PRECISION)(failure, candidate) || lengthOf(candidate) > lengthOf(failure)) return false;
  return failure.launch.engine.driver.kind === 'resident'
    ? asked.prompt_len >= failed.prompt_len && asked.output_len >= failed.output_len
    : isDeepStrictEqual(asked, failed);
}

/** At least as large in all that takes memory. What is shared, and so cached, is not computed. */
function isLarger(asked: Workload, failed: Workload): boolean {
  return (
    asked.prompt_len >= failed.prompt_len &&
    asked.output_len >= failed.output_len &&
    asked.num_prompts >= failed.num_prompts &&
    asked.warmups >= failed.warmups &&
    asked.shared_len <= failed.shared_len &&
    asked.num_prefixes === failed.num_prefixes &&
    asked.prefix_state === failed.prefix_state &&
    asked.load_shape === failed.load_shape
  );
}

/** Null is what vLLM chooses, which is neither more nor less than a number. */
function atLeast(asked: number | null, failed: number | null): boolean {
  return asked === null || failed === null ? asked === failed : asked >= failed;
}

/** The max_model_len with which the engine is started. */
function lengthOf({ launch }: { readonly launch: Launch }): number {
  return launch.max_model_len.value;
}

function same(keys: readonly (keyof EngineSettings)[]): Certain {
  return ({ launch: { engine: failed } }, { launch: { engine: asked } }) =>
    asked === failed || keys.every((key) => isDeepStrictEqual(asked[key], failed[key]));
}
