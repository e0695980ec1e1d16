import { basename } from 'node:path';
import { isSettled } from '../plan/remaining.ts';
import { METHOD_VERSION } from '../schema/driver-protocol.ts';
import type { EngineReport } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';
import { type Job, type Launch, mostRepeats } from '../schema/plan.ts';
import type { JobRecord, LogRange, RanPrecision, Sample } from '../schema/record.ts';
import { type Failure, recordOf } from '../summary/record.ts';
import { boundOrNull } from '../summary/utilization.ts';

/** What is to be known of a measurement to decide whether it is still to be made. */
export interface Noted {
  readonly start: number;
  readonly repeat: number;
  readonly output_throughput_tps: number | null;
  readonly valid: boolean;
}

/** What the ledger keeps of a job. */
export interface Entry {
  readonly job: Job;
  readonly launch: Launch;
  /** The job as each engine start asks for it. */
  readonly starts: { readonly start: number; readonly job: Job }[];
  /** Measurements that were made, by start and repeat; of those whose evidence is not read yet, what was noted. */
  readonly noted: Map<string, Noted>;
  readonly samples: Sample[];
  readonly failures: Failure[];
  engine: EngineReport | null;
  log: LogRange | null;
  ran: RanPrecision | null;
  /** An attempt that has evidence of it, of which the journal does not tell. */
  untold: string | null;
  /** As long as nothing changes. */
  record: JobRecord | null;
}

export function newEntry(job: Job, launch: Launch): Entry {
  return {
    ...{ job, launch, starts: [{ start: launch.start, job }] },
    ...{ noted: new Map(), samples: [], failures: [] },
    ...{ engine: null, log: null, ran: null, untold: null, record: null },
  };
}

/** The record that all this makes. `engineStarts`: attempt -> seconds until its engine was ready. */
export function recordOfEntry(entry: Entry, engineStarts: ReadonlyMap<string, number>, facts: Facts): JobRecord {
  const samples = entry.samples
    .filter((sample) => counts(entry, notedOf(sample)))
    .toSorted((a, b) => a.start - b.start || a.repeat - b.repeat);
  const attempts = [...new Set(samples.map(({ attempt }) => basename(attempt)))];
  return recordOf({
    job: entry.job,
    engine: entry.launch.engine,
    precision: entry.launch.precision,
    // What it ran with; a derived one of a later plan can be another.
    max_model_len: {
      ...entry.launch.max_model_len,
      value: entry.engine?.max_model_len ?? entry.launch.max_model_len.value,
    },
    method: methodOf(entry.launch.engine.driver.kind),
    asked_samples: askedOf(entry),
    samples,
    failures: entry.failures.filter((failure) => isAsked(entry, failure)),
    untold: entry.untold,
    engine_report: entry.engine,
    ran: entry.ran,
    bound: boundOfEntry(entry, facts),
    engine_start_s: attempts.flatMap((attempt) => engineStarts.get(attempt) ?? []),
    log: entry.log,
  });
}

function boundOfEntry({ launch, job, engine: report }: Entry, facts: Facts): JobRecord['bound'] {
  const { engine, precision } = launch;
  const model = engine.checkpoint ?? engine.model;
  const checkpoint = facts.checkpoints.find((known) => known.model === model) ?? null;
  return boundOrNull({ engine, precision, workload: job.workload, checkpoint, devices: facts.devices, report });
}

/** What was measured when more was asked for counts when it is valid, and is left out when it is not. */
function counts(entry: Entry, noted: Noted): boolean {
  return noted.valid || isAsked(entry, noted);
}

function isAsked({ starts }: Entry, { start, repeat }: { readonly start: number; readonly repeat: number }): boolean {
  const planned = starts.find((one) => one.start === start);
  return planned !== undefined && repeat < mostRepeats(planned.job);
}

/** Starts x repeats; a start that is steady asks for what it has measured, one that is not yet for its most. */
export function askedOf(entry: Entry): number {
  const made = [...entry.noted.values()].filter((noted) => counts(entry, noted));
  return entry.starts.reduce((sum, { start, job }) => {
    const throughputs = throughputsOf(made, start);
    return sum + (isSettled(job, throughputs) ? throughputs.length : mostRepeats(job));
  }, 0);
}

export function throughputsOf(noted: Iterable<Noted>, wanted: number): number[] {
  return [...noted].flatMap(({ start, output_throughput_tps: speed }) => (start === wanted ? (speed ?? []) : []));
}

export function notedOf({ start, repeat, values, invalid }: Sample): Noted {
  const { output_throughput_tps } = values;
  return { start, repeat, output_throughput_tps, valid: invalid.length === 0 };
}

export function placeOf({ start, repeat }: { readonly start: number; readonly repeat: number }): string {
  return `${start}/${repeat}`;
}

export function methodOf(driver: keyof typeof METHOD_VERSION): JobRecord['method'] {
  return { driver, version: METHOD_VERSION[driver] };
}
