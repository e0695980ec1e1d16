import { checkpointOf } from '../modes/precision.ts';
import { derivedLength, neededLength } from '../modes/vllm-throughput.ts';
import type { Facts } from '../schema/facts.ts';
import type { Job, Launch } from '../schema/plan.ts';

/** What is left of a launch whose KV cache did not hold one request of its max_model_len. */
export interface Shorter {
  /** The same engine for the points that may fit. */
  readonly launch: Launch;
  /** Jobs that do not fit. */
  readonly tooLong: ReadonlySet<Job>;
}

/**
 * The launch with a smaller max_model_len, for those of these jobs that `fits` tokens are enough for; null `fits`: all but
 * the longest. Null when the user gave max_model_len, or when nothing would be left.
 */
export function shorter(launch: Launch, jobs: readonly Job[], fits: number | null, facts: Facts): Shorter | null {
  const { driver } = launch.engine;
  if (launch.max_model_len.origin === 'given') return null;
  const needed = (job: Job) => neededLength(job.workload, driver);
  const longest = Math.max(...jobs.map(needed));
  // Without a figure: what is needed where more than that was asked for, else all but the longest.
  const most = fits ?? (longest < launch.max_model_len.value - 1 ? longest : longest - 1);
  const tooLong = new Set(jobs.filter((job) => needed(job) > most));
  const left = jobs.filter((job) => !tooLong.has(job));
  if (left.length === 0) return null;
  const positions = checkpointOf(launch.engine, facts)?.max_position_embeddings ?? null;
  const value = Math.min(most, derivedLength(Math.max(...left.map(needed)), driver, positions));
  if (value >= launch.max_model_len.value) return null;
  return { launch: { ...launch, max_model_len: { value, origin: 'derived' } }, tooLong };
}
