import { basename } from 'node:path';
import { shortHash } from '../plan/identity.ts';
import type { DoneMeasurement, MeasurementKey } from '../plan/remaining.ts';
import type { EngineReport } from '../schema/engine.ts';
import type { Environment } from '../schema/environment.ts';
import type { Plan } from '../schema/plan.ts';
import type { JobRecord, LogRange, RanPrecision, Sample } from '../schema/record.ts';
import type { Summary } from '../schema/summary.ts';
import { type Failure, skippedRecord } from '../summary/record.ts';
import { summaryOf } from '../summary/summary.ts';
import {
  askedOf,
  type Entry,
  methodOf,
  type Noted,
  newEntry,
  notedOf,
  placeOf,
  recordOfEntry,
  throughputsOf,
} from './ledger-entry.ts';
import { inSlices } from './slices.ts';

/** Reads what earlier runs left, in small steps, and then tells the ledger all of it. */
export type History = () => Generator<undefined, (ledger: Ledger) => void>;

/**
 * What is known of every job of a plan so far, and the records that this makes. What is done can be asked at any time;
 * records need the evidence of earlier runs, which may be read later (`postpone`, `load`).
 */
export class Ledger {
  /** What is strange about the evidence, and belongs to no job: a sentence each. */
  readonly notes: string[] = [];
  /** Measurements that were noted as done, and whose evidence turned out to be unreadable when it was read. */
  readonly lost: MeasurementKey[] = [];
  readonly #plan: Plan;
  readonly #entries = new Map<string, Entry>();
  /** Attempt -> seconds until its engine was ready. */
  readonly #engineStarts = new Map<string, number>();
  #history: History | null = null;
  #loading: Promise<void> | null = null;
  /** What this run told while the evidence of earlier ones was not read: it comes after theirs. */
  readonly #later: (() => void)[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
    for (const launch of plan.launches) {
      for (const job of launch.jobs) {
        const entry = this.#entries.get(job.id);
        if (entry !== undefined) entry.starts.push({ start: launch.start, job });
        else this.#entries.set(job.id, newEntry(job, launch));
      }
    }
  }

  /** What the journal says of a measurement whose evidence is read later. */
  note(jobId: string, noted: Noted): void {
    this.#entries.get(jobId)?.noted.set(placeOf(noted), noted);
  }

  /** Leaves the evidence of earlier runs unread until `load`; what they noted must be noted by then. */
  postpone(history: History): void {
    this.#history = history;
  }

  /** Reads what was postponed, if that was not done. The event loop has its turns meanwhile. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    if (this.#history === null) return;
    const tell = await inSlices(this.#history());
    this.#history = null;
    // The evidence counts, not the note: a file may have become unreadable.
    const before = [...this.done()];
    for (const { noted } of this.#entries.values()) noted.clear();
    tell(this);
    for (const again of this.#later.splice(0)) again();
    this.lost.push(...before.filter((place) => !this.#entries.get(place.job)?.noted.has(placeOf(place))));
    await inSlices(this.#makeRecords());
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
    entry.noted.delete(placeOf(sample));
    entry.noted.set(placeOf(sample), notedOf(sample));
    if (this.#history !== null) {
      this.#later.push(() => this.measured(jobId, sample, engine, log, ran));
      return;
    }
    const twin = entry.samples.findIndex((other) => placeOf(other) === placeOf(sample));
    if (twin >= 0) entry.samples.splice(twin, 1);
    entry.samples.push(sample);
    entry.engine = engine ?? entry.engine;
    entry.log = log ?? entry.log;
    entry.ran = ran ?? entry.ran;
    entry.record = null;
  }

  failed(jobId: string, failure: Failure, log: LogRange | null): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return;
    if (this.#history !== null) {
      this.#later.push(() => this.failed(jobId, failure, log));
      return;
    }
    entry.failures.push(failure);
    entry.log ??= log;
    entry.record = null;
  }

  foundUntold(jobId: string, attempt: string): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return;
    entry.untold = attempt;
    entry.record = null;
  }

  engineStarted(attempt: string, seconds: number): void {
    if (this.#history !== null) {
      this.#later.push(() => this.engineStarted(attempt, seconds));
      return;
    }
    this.#engineStarts.set(attempt, seconds);
    // An engine is ready before it measures; one that says so later has records that lack it.
    for (const entry of this.#entries.values()) {
      if (entry.samples.some((sample) => basename(sample.attempt) === attempt)) entry.record = null;
    }
  }

  /**
   * Measurements that need not be made again, valid or not: an invalid one would only be invalid again, unless
   * `remeasureInvalid` says that what spoiled it may have passed.
   */
  *done({ remeasureInvalid = false }: { readonly remeasureInvalid?: boolean } = {}): Generator<DoneMeasurement> {
    for (const { job, noted } of this.#entries.values()) {
      for (const { start, repeat, output_throughput_tps, valid } of noted.values()) {
        if (valid || !remeasureInvalid) yield { job: job.id, start, repeat, output_throughput_tps };
      }
    }
  }

  /** Output tokens/s of what an engine start has measured of a job; steadiness is judged by them. */
  throughputs(jobId: string, start: number): number[] {
    return throughputsOf(this.#entries.get(jobId)?.noted.values() ?? [], start);
  }

  /** Measurements of the whole plan, made or still to be made. */
  asked(): number {
    return [...this.#entries.values()].reduce((sum, entry) => sum + askedOf(entry), 0);
  }

  /** Null for a job that is not of this plan. Throws when the evidence of earlier runs is not read. */
  record(jobId: string): JobRecord | null {
    const entry = this.#entries.get(jobId);
    return entry === undefined ? null : this.#recordOf(entry);
  }

  /** Throws when the evidence of earlier runs is not read. */
  summary(environment: Environment | null): Summary {
    const records = [...this.#entries.values()].map((entry) => this.#recordOf(entry));
    const skipped = this.#plan.skipped.map((item) =>
      skippedRecord(item, shortHash(item.run_name), methodOf(item.engine.driver.kind)),
    );
    return summaryOf([...records, ...skipped], environment);
  }

  #recordOf(entry: Entry): JobRecord {
    if (this.#history !== null) throw new Error('a record was asked for before the evidence was read');
    entry.record ??= recordOfEntry(entry, this.#engineStarts, this.#plan.facts);
    return entry.record;
  }

  *#makeRecords(): Generator<undefined, void> {
    for (const entry of this.#entries.values()) {
      this.#recordOf(entry);
      yield;
    }
  }
}
