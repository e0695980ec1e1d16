import { basename } from 'node:path';
import { shortHash } from '../plan/identity.ts';
import { type DoneMeasurement, isSettled } from '../plan/remaining.ts';
import { METHOD_VERSION } from '../schema/driver-protocol.ts';
import type { EngineReport } from '../schema/engine.ts';
import type { Environment } from '../schema/environment.ts';
import type { Facts } from '../schema/facts.ts';
import { type Job, type Launch, mostRepeats, type Plan } from '../schema/plan.ts';
import type { JobRecord, LogRange, RanPrecision, Sample } from '../schema/record.ts';
import type { Summary } from '../schema/summary.ts';
import { type Failure, recordOf, skippedRecord } from '../summary/record.ts';
import { summaryOf } from '../summary/summary.ts';
import { boundOrNull } from '../summary/utilization.ts';

interface Entry {
  readonly job: Job;
  readonly launch: Launch;
  /** The job as each engine start asks for it. */
  readonly starts: { readonly start: number; readonly job: Job }[];
  readonly samples: Sample[];
  readonly failures: Failure[];
  engine: EngineReport | null;
  log: LogRange | null;
  ran: RanPrecision | null;
  /** An attempt that has evidence of it, of which the journal does not tell. */
  untold: string | null;
}

/** What is known of every job of a plan so far, and the records that this makes. */
export class Ledger {
  /** What is strange about the evidence, and belongs to no job: a sentence each. */
  readonly notes: string[] = [];
  readonly #plan: Plan;
  readonly #entries = new Map<string, Entry>();
  /** Attempt -> seconds until its engine was ready. */
  readonly #engineStarts = new Map<string, number>();

  constructor(plan: Plan) {
    this.#plan = plan;
    for (const launch of plan.launches) {
      for (const job of launch.jobs) {
        const planned = { start: launch.start, job };
        const entry = this.#entries.get(job.id);
        if (entry !== undefined) entry.starts.push(planned);
        else
          this.#entries.set(job.id, {
            job,
            launch,
            starts: [planned],
            samples: [],
            failures: [],
            engine: null,
            log: null,
            ran: null,
            untold: null,
          });
      }
    }
  }

  measured(
    jobId: string,
    sample: Sample,
    engine: EngineReport | null,
    log: LogRange | null,
    ran: RanPrecision | null,
  ): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return;
    // Made twice, when a crash lost the note of the first: the later one counts.
    const twin = entry.samples.findIndex(({ start, repeat }) => start === sample.start && repeat === sample.repeat);
    if (twin >= 0) entry.samples.splice(twin, 1);
    entry.samples.push(sample);
    entry.engine = engine ?? entry.engine;
    entry.log = log ?? entry.log;
    entry.ran = ran ?? entry.ran;
  }

  failed(jobId: string, failure: Failure, log: LogRange | null): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return;
    entry.failures.push(failure);
    entry.log ??= log;
  }

  foundUntold(jobId: string, attempt: string): void {
    const entry = this.#entries.get(jobId);
    if (entry !== undefined) entry.untold = attempt;
  }

  engineStarted(attempt: string, seconds: number): void {
    this.#engineStarts.set(attempt, seconds);
  }

  /** Measurements that need not be made again, valid or not: an invalid one would only be invalid again. */
  *done(): Generator<DoneMeasurement> {
    for (const { job, samples } of this.#entries.values()) {
      for (const { start, repeat, values } of samples) {
        yield { job: job.id, start, repeat, output_throughput_tps: values.output_throughput_tps };
      }
    }
  }

  /** Output tokens/s of what an engine start has measured of a job; steadiness is judged by them. */
  throughputs(jobId: string, start: number): number[] {
    return throughputsOf(this.#entries.get(jobId)?.samples ?? [], start);
  }

  /** Measurements of the whole plan, made or still to be made. */
  asked(): number {
    return [...this.#entries.values()].reduce((sum, entry) => sum + askedOf(entry), 0);
  }

  record(jobId: string): JobRecord | null {
    const entry = this.#entries.get(jobId);
    return entry === undefined ? null : recordOfEntry(entry, this.#engineStarts, this.#plan.facts);
  }

  summary(environment: Environment | null): Summary {
    const records = [...this.#entries.values()].map((entry) =>
      recordOfEntry(entry, this.#engineStarts, this.#plan.facts),
    );
    const skipped = this.#plan.skipped.map((item) =>
      skippedRecord(item, shortHash(item.run_name), methodOf(item.engine.driver.kind)),
    );
    return summaryOf([...records, ...skipped], environment);
  }
}

function recordOfEntry(entry: Entry, engineStarts: ReadonlyMap<string, number>, facts: Facts): JobRecord {
  const samples = countedOf(entry).toSorted((a, b) => a.start - b.start || a.repeat - b.repeat);
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
function countedOf(entry: Entry): Sample[] {
  return entry.samples.filter((sample) => sample.invalid.length === 0 || isAsked(entry, sample));
}

function isAsked({ starts }: Entry, { start, repeat }: { readonly start: number; readonly repeat: number }): boolean {
  const planned = starts.find((one) => one.start === start);
  return planned !== undefined && repeat < mostRepeats(planned.job);
}

/** Starts x repeats; a start that is steady asks for what it has measured, one that is not yet for its most. */
function askedOf(entry: Entry): number {
  const samples = countedOf(entry);
  return entry.starts.reduce((sum, { start, job }) => {
    const throughputs = throughputsOf(samples, start);
    return sum + (isSettled(job, throughputs) ? throughputs.length : mostRepeats(job));
  }, 0);
}

function throughputsOf(samples: readonly Sample[], start: number): number[] {
  return samples.flatMap((sample) => (sample.start === start ? (sample.values.output_throughput_tps ?? []) : []));
}

function methodOf(driver: keyof typeof METHOD_VERSION): JobRecord['method'] {
  return { driver, version: METHOD_VERSION[driver] };
}
