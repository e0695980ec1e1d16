import { z } from 'zod';
import { EngineSettings } from './engine.ts';
import { Facts } from './facts.ts';
import { Precision } from './precision.ts';
import { publicSettings } from './secrets.ts';
import { Workload } from './workload.ts';

/** When a point has been measured often enough. */
export const Until = z.strictObject({
  /** Coefficient of variation of output throughput over the repeats of one engine start. */
  cv: z.number().gt(0),
  max_repeats: z.int().min(2),
});
export type Until = z.output<typeof Until>;

/** One point of the sweep. Its id is a hash of everything that can change the number, and of nothing else. */
export const Job = z.strictObject({
  id: z.string(),
  /** `<name>_TP-<tp>_ISL-<in>_OSL-<out>[_PL-<prefix>]`, and a part for every other axis that varies. */
  run_name: z.string(),
  /** Other names under which the same point was asked for: it is measured once. */
  also_named: z.array(z.string()),
  mode: z.string(),
  workload: Workload,
  /** Measurements in each engine start. */
  repeats: z.int().min(1),
  /** Repeats go on beyond `repeats` until their throughput varies no more than this; null: exactly `repeats`. */
  until: Until.nullable(),
  /** A shorter measurement says more about its beginning and end than about the engine. */
  min_duration_seconds: z.number().min(0),
});
export type Job = z.output<typeof Job>;

/**
 * Longer than a sound engine is silent: compiling a large model has taken 2222 s, with lines in between
 * (vLLM issue 34399).
 */
export const DEFAULT_STALL_SECONDS = 1800;

/** One engine process, and every job that it carries: the model is loaded once for all of them. */
export const Launch = z.strictObject({
  id: z.string(),
  /** Launches of one group have equal engine settings; they differ in `start`. */
  group: z.string(),
  /** 0 for the first engine start of the group, 1 for the second ... */
  start: z.int().min(0),
  name: z.string(),
  engine: EngineSettings,
  /** What the asked precision comes to here. */
  precision: Precision,
  /** Given by the user, or the largest that a job of the group needs. */
  max_model_len: z.strictObject({ value: z.int(), origin: z.enum(['given', 'derived']) }),
  timeout_seconds: z.number().nullable(),
  /** An engine that says nothing and makes no token for so long is ended; absent in older plans. */
  stall_seconds: z.number().default(DEFAULT_STALL_SECONDS),
  /** Nothing else runs on the host while it runs. */
  exclusive: z.boolean().default(false),
  jobs: z.array(Job),
});
export type Launch = z.output<typeof Launch>;

/** A point that cannot be measured, known before anything is started. */
export const SkippedJob = z.strictObject({
  run_name: z.string(),
  mode: z.string(),
  engine: EngineSettings,
  workload: Workload,
  reason: z.string(),
});
export type SkippedJob = z.output<typeof SkippedJob>;

export const Plan = z.strictObject({
  schema: z.literal(1),
  facts: Facts,
  /** Seed of the order in which the points of an engine start are measured. */
  order_seed: z.int().min(0),
  launches: z.array(Launch),
  skipped: z.array(SkippedJob),
  /** What a person should know before starting, such as a prefix with prefix caching switched off. */
  notes: z.array(z.string()),
});
export type Plan = z.output<typeof Plan>;

/** The plan as it may be passed around: without the secrets of its engine settings. */
export function publicPlan(plan: Plan): Plan {
  const clean = <T extends { engine: EngineSettings }>(item: T): T => ({
    ...item,
    engine: publicSettings(item.engine),
  });
  return { ...plan, launches: plan.launches.map(clean), skipped: plan.skipped.map(clean) };
}

/** Jobs of a plan, each once, whatever the number of engine starts. */
export function jobsOf(plan: Plan): { job: Job; launch: Launch }[] {
  return plan.launches
    .filter((launch) => launch.start === 0)
    .flatMap((launch) => launch.jobs.map((job) => ({ job, launch })));
}

/** Two values that happen to be close do not show that a point is steady. */
export const LEAST_TO_BE_STEADY = 3;

/** Repeats that a job with `until` makes in each engine start, however steady they are. */
export function leastRepeats({ repeats }: Pick<Job, 'repeats'>): number {
  return Math.max(repeats, LEAST_TO_BE_STEADY);
}

/** Most repeats that a job makes in one engine start. */
export function mostRepeats({ repeats, until }: Pick<Job, 'repeats' | 'until'>): number {
  return Math.max(repeats, until?.max_repeats ?? 0);
}

/** Measurements that a plan asks for at most: jobs x starts x repeats. */
export function measurementCount(plan: Plan): number {
  return plan.launches.reduce((sum, launch) => sum + launch.jobs.reduce((all, job) => all + mostRepeats(job), 0), 0);
}
