import type { Wanted } from '../modes/mode.ts';
import { type Job, type Launch, leastRepeats, mostRepeats, type Plan } from '../schema/plan.ts';
import { isSteady } from '../stats/steady.ts';
import { shortHash } from './identity.ts';

/** A measurement: (job, engine start, repeat) is the journal's unit. */
export interface MeasurementKey {
  readonly job: string;
  readonly start: number;
  readonly repeat: number;
}

/** A measurement that was made. */
export interface DoneMeasurement extends MeasurementKey {
  /** Null when it is not told; a job that is repeated until it is steady needs it. */
  readonly output_throughput_tps?: number | null;
}

/** A launch with what is still to be measured in it. */
export interface RemainingLaunch {
  readonly launch: Launch;
  readonly wanted: readonly Wanted[];
}

/**
 * What is left to do: all of "resume", as a pure function. Within a launch repeats go round-robin over the jobs, so
 * that a slow drift of the machine hits every point alike, and an early end leaves every point measured once. In each
 * round the jobs come in an order of their own (`placeIn`). A job with `until` wants repeats up to its most, and none
 * when it is steady.
 */
export function remaining(plan: Plan, done: Iterable<DoneMeasurement>): RemainingLaunch[] {
  const finished = new Map([...done].map((one) => [keyOf(one), one]));
  const throughputs = throughputsOf(finished.values());
  return plan.launches.flatMap((launch) => {
    const open = launch.jobs.filter((job) => !isSettled(job, throughputs.get(startKey(job.id, launch.start)) ?? []));
    const most = open.reduce((largest, job) => Math.max(largest, mostRepeats(job)), 0);
    const wanted = Array.from({ length: most }, (_, repeat) => repeat).flatMap((repeat) =>
      open
        .filter(
          (job) => repeat < mostRepeats(job) && !finished.has(keyOf({ job: job.id, start: launch.start, repeat })),
        )
        .map((job) => ({ job, repeat, place: placeIn(plan.order_seed, launch.start, repeat, job.id) }))
        .toSorted((a, b) => (a.place < b.place ? -1 : 1))
        .map(({ job }) => ({ job, repeat })),
    );
    return wanted.length === 0 ? [] : [{ launch, wanted }];
  });
}

/**
 * Where a job stands in a round: jobs are sorted by a hash of the seed, the engine start, the repeat and the job. Every
 * order is equally likely (sorting by random keys: Knuth, The Art of Computer Programming, volume 2, section 3.4.2), it
 * is another one in every round and start, and it stays the same for the jobs that are left when some are done.
 */
function placeIn(seed: number, start: number, repeat: number, job: string): string {
  return shortHash(`${seed}/${start}/${repeat}/${job}`);
}

/** Whether a job needs no other repeat in an engine start that has measured these throughputs of it. */
export function isSettled(job: Job, throughputs: readonly number[]): boolean {
  return job.until !== null && isSteady(throughputs, leastRepeats(job), job.until.cv);
}

/** Output throughputs of each job in each engine start. */
function throughputsOf(done: Iterable<DoneMeasurement>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { job, start, output_throughput_tps } of done) {
    if (output_throughput_tps === undefined || output_throughput_tps === null) continue;
    const key = startKey(job, start);
    const before = found.get(key);
    if (before === undefined) found.set(key, [output_throughput_tps]);
    else before.push(output_throughput_tps);
  }
  return found;
}

function startKey(job: string, start: number): string {
  return `${job}/${start}`;
}

function keyOf({ job, start, repeat }: MeasurementKey): string {
  return `${startKey(job, start)}/${repeat}`;
}
