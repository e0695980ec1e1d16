import type { JournalEvent } from '../journal/events.ts';
import type { Wanted } from '../modes/mode.ts';
import { isSettled } from '../plan/remaining.ts';
import { type Job, mostRepeats, type Plan } from '../schema/plan.ts';

/** One job in one engine start: which repeats are there, failed or were left out. */
interface Slot {
  readonly job: Job;
  readonly measured: Map<number, { readonly throughput: number | null; readonly valid: boolean }>;
  readonly failed: Set<number>;
  readonly leftOut: Set<number>;
}

export interface Counts {
  readonly asked: number;
  readonly at_most: boolean;
  readonly measured: number;
  readonly invalid: number;
  readonly failed: number;
  readonly left_out: number;
  readonly left: number;
}

/** The measurements of a plan, counted by its journal: what was measured ever, and what failed in the latest run. */
export class Tally {
  /** Launch -> job -> what is known of it. */
  readonly #launches: ReadonlyMap<string, ReadonlyMap<string, Slot>>;
  readonly #attempts = new Map<string, string>();

  /** `latest`: index of the event that began the latest run. */
  constructor(plan: Plan, events: readonly JournalEvent[], latest: number) {
    this.#launches = new Map(
      plan.launches.map(({ id, jobs }) => [id, new Map(jobs.map((job) => [job.id, emptySlot(job)]))]),
    );
    for (const [index, event] of events.entries()) this.#take(event, index >= latest);
  }

  /** Points of the plan, each once, whatever the number of its engine starts. */
  get points(): number {
    return new Set([...this.#launches.values()].flatMap((jobs) => [...jobs.keys()])).size;
  }

  counts(): Counts {
    const all = [...this.#launches.values()].flatMap((jobs) => [...jobs.values()].map(countsOf));
    const sum = (key: Exclude<keyof Counts, 'at_most'>) => all.reduce((total, one) => total + one[key], 0);
    return {
      ...{ asked: sum('asked'), at_most: all.some(({ at_most }) => at_most), measured: sum('measured') },
      ...{ invalid: sum('invalid'), failed: sum('failed'), left_out: sum('left_out'), left: sum('left') },
    };
  }

  /** Measurements of a launch that are still to come. */
  openOf(launch: string): Wanted[] {
    return [...(this.#launches.get(launch)?.values() ?? [])].flatMap(openIn);
  }

  #take(event: JournalEvent, isOfLatest: boolean): void {
    if (event.event === 'attempt_started') this.#attempts.set(event.attempt, event.launch);
    if (event.event === 'measured') {
      const { repeat, output_throughput_tps: throughput = null, valid = true } = event;
      this.#slot(event.attempt, event.job)?.measured.set(repeat, { throughput, valid });
    }
    if (event.event === 'measurement_failed' && isOfLatest) {
      this.#slot(event.attempt, event.job)?.failed.add(event.repeat);
    }
    if (event.event === 'measurements_skipped' && isOfLatest) {
      const jobs = this.#launches.get(event.launch);
      for (const { job, repeat } of event.measurements) jobs?.get(job)?.leftOut.add(repeat);
    }
  }

  /** Of an attempt of a launch that is in the plan no more: none. */
  #slot(attempt: string, job: string): Slot | undefined {
    return this.#launches.get(this.#attempts.get(attempt) ?? '')?.get(job);
  }
}

function emptySlot(job: Job): Slot {
  return { job, measured: new Map(), failed: new Set(), leftOut: new Set() };
}

function countsOf(slot: Slot): Counts {
  const { job, failed, leftOut } = slot;
  const most = mostRepeats(job);
  const made = madeOf(slot);
  const told = { measured: made.length, invalid: made.filter(({ valid }) => !valid).length };
  if (isSteady(slot)) return { ...told, asked: made.length, at_most: false, failed: 0, left_out: 0, left: 0 };
  const isAsked = (repeat: number) => repeat < most && !slot.measured.has(repeat);
  const failures = [...failed].filter(isAsked).length;
  const left_out = [...leftOut].filter((repeat) => isAsked(repeat) && !failed.has(repeat)).length;
  const left = most - made.length - failures - left_out;
  return { ...told, asked: most, at_most: job.until !== null, failed: failures, left_out, left };
}

function openIn(slot: Slot): Wanted[] {
  const { job, measured, failed, leftOut } = slot;
  if (isSteady(slot)) return [];
  return Array.from({ length: mostRepeats(job) }, (_, repeat) => ({ job, repeat })).filter(
    ({ repeat }) => !measured.has(repeat) && !failed.has(repeat) && !leftOut.has(repeat),
  );
}

function isSteady(slot: Slot): boolean {
  return isSettled(
    slot.job,
    madeOf(slot).flatMap(({ throughput }) => throughput ?? []),
  );
}

/** More than is asked for now may have been measured when more was asked for. */
function madeOf({ job, measured }: Slot) {
  return [...measured].flatMap(([repeat, one]) => (repeat < mostRepeats(job) ? [one] : []));
}
