import { workersOf } from '../config/workers.ts';
import type { Facts } from '../schema/facts.ts';
import type { Launch } from '../schema/plan.ts';
import type { Workload } from '../schema/workload.ts';

/** Of imports, CUDA graphs and the like; and of reading the weights from a disk, as 2 bytes a parameter. */
const START_SECONDS = 60;
const SECONDS_PER_PARAMETER = 2e-9;
/**
 * Seconds of one device for one unit of `work` and one active parameter: between 4.8e-16 (8.0e9 parameters on one B200,
 * 256 tokens in and out: 78.1 requests/s) and 1.2e-15 (70.6e9 on eight, 1024 tokens in and out: 7.3 requests/s), both
 * of vLLM 0.9.1. An engine on other devices has another figure, which the history shows.
 */
const SECONDS_PER_WORK_AND_PARAMETER = 7.5e-16;
/** Of a model that nothing is known of. */
const PARAMETERS = 8e9;

/** Seconds of a launch before anything of it was seen. */
export interface Guess {
  readonly start: number;
  measurement(workload: Workload): number;
}

/**
 * What can be said of a launch before anything was run. vLLM's own benchmark does not tell when its engine is ready:
 * the start is part of the one measurement that it makes.
 */
export function guessOf({ engine }: Launch, { checkpoints }: Facts): Guess {
  const size = checkpoints.find(({ model }) => model === (engine.checkpoint ?? engine.model))?.size ?? null;
  const start = START_SECONDS + SECONDS_PER_PARAMETER * (size?.parameters ?? PARAMETERS);
  const perWork = (SECONDS_PER_WORK_AND_PARAMETER * (size?.active_parameters ?? PARAMETERS)) / workersOf(engine);
  const tellsStart = engine.driver.kind === 'resident';
  return {
    start: tellsStart ? start : 0,
    measurement: (workload) => perWork * work(workload) + (tellsStart ? 0 : start),
  };
}

/**
 * A rough weight of a measurement: a generated token costs an engine about as much as a dozen prompt tokens. Good
 * enough to tell a long point from a short one before either was measured.
 */
export function work({ num_prompts, prompt_len, shared_len, output_len, prefix_state, warmups }: Workload): number {
  const computed = prefix_state === 'warm' ? prompt_len - shared_len : prompt_len;
  return (num_prompts + warmups) * (computed + 12 * output_len);
}
