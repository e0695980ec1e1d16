import type { Wanted } from '../modes/mode.ts';
import type { Launch, Plan } from '../schema/plan.ts';

/** A measurement: (job, engine start, repeat) is the journal's unit. */
export interface MeasurementKey {
  readonly job: string;
  readonly start: number;
  readonly repeat: number;
}

/** A launch with what is still to be measured in it. */
export interface RemainingLaunch {
  readonly launch: Launch;
  readonly wanted: readonly Wanted[];
}

/**
 * What is left to do: all of "resume", as a pure function. Within a launch repeats go round-robin over the jobs, so
 * that a slow drift of the machine hits every point alike, and an early end leaves every point measured once.
 */
export function remaining(plan: Plan, done: Iterable<MeasurementKey>): RemainingLaunch[] {
  const finished = new Set([...done].map(keyOf));
  return plan.launches.flatMap((launch) => {
    const most = launch.jobs.reduce((largest, job) => Math.max(largest, job.repeats), 0);
    const wanted = Array.from({ length: most }, (_, repeat) => repeat).flatMap((repeat) =>
      launch.jobs
        .filter((job) => repeat < job.repeats && !finished.has(keyOf({ job: job.id, start: launch.start, repeat })))
        .map((job) => ({ job, repeat })),
    );
    return wanted.length === 0 ? [] : [{ launch, wanted }];
  });
}

function keyOf({ job, start, repeat }: MeasurementKey): string {
  return `${job}/${start}/${repeat}`;
}
