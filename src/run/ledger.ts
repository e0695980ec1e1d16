import { basename } from 'node:path';
import { shortHash } from '../plan/identity.ts';
import type { MeasurementKey } from '../plan/remaining.ts';
import { METHOD_VERSION } from '../schema/driver-protocol.ts';
import type { EngineReport } from '../schema/engine.ts';
import type { Environment } from '../schema/environment.ts';
import type { Job, Launch, Plan } from '../schema/plan.ts';
import type { JobRecord, LogRange, Sample } from '../schema/record.ts';
import type { Summary } from '../schema/summary.ts';
import { type Failure, recordOf, skippedRecord } from '../summary/record.ts';
import { summaryOf } from '../summary/summary.ts';

interface Entry {
  readonly job: Job;
  readonly launch: Launch;
  asked: number;
  readonly samples: Sample[];
  readonly failures: Failure[];
  engine: EngineReport | null;
  log: LogRange | null;
}

/** What is known of every job of a plan so far, and the records that this makes. */
export class Ledger {
  readonly #plan: Plan;
  readonly #entries = new Map<string, Entry>();
  /** Attempt -> seconds until its engine was ready. */
  readonly #engineStarts = new Map<string, number>();

  constructor(plan: Plan) {
    this.#plan = plan;
    for (const launch of plan.launches) {
      for (const job of launch.jobs) {
        const entry = this.#entries.get(job.id);
        if (entry !== undefined) entry.asked += job.repeats;
        else
          this.#entries.set(job.id, {
            job,
            launch,
            asked: job.repeats,
            samples: [],
            failures: [],
            engine: null,
            log: null,
          });
      }
    }
  }

  measured(jobId: string, sample: Sample, engine: EngineReport | null, log: LogRange | null): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return;
    // Made twice, when a crash lost the note of the first: the later one counts.
    const twin = entry.samples.findIndex(({ start, repeat }) => start === sample.start && repeat === sample.repeat);
    if (twin >= 0) entry.samples.splice(twin, 1);
    entry.samples.push(sample);
    entry.engine = engine ?? entry.engine;
    entry.log = log ?? entry.log;
  }

  failed(jobId: string, failure: Failure, log: LogRange | null): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return;
    entry.failures.push(failure);
    entry.log ??= log;
  }

  engineStarted(attempt: string, seconds: number): void {
    this.#engineStarts.set(attempt, seconds);
  }

  /** Measurements that need not be made again, valid or not: an invalid one would only be invalid again. */
  *done(): Generator<MeasurementKey> {
    for (const { job, samples } of this.#entries.values()) {
      for (const { start, repeat } of samples) yield { job: job.id, start, repeat };
    }
  }

  record(jobId: string): JobRecord | null {
    const entry = this.#entries.get(jobId);
    return entry === undefined ? null : recordOfEntry(entry, this.#engineStarts);
  }

  summary(environment: Environment | null): Summary {
    const records = [...this.#entries.values()].map((entry) => recordOfEntry(entry, this.#engineStarts));
    const skipped = this.#plan.skipped.map((item) =>
      skippedRecord(item, shortHash(item.run_name), methodOf(item.engine.driver.kind)),
    );
    return summaryOf([...records, ...skipped], environment);
  }
}

function recordOfEntry(entry: Entry, engineStarts: ReadonlyMap<string, number>): JobRecord {
  const samples = entry.samples.toSorted((a, b) => a.start - b.start || a.repeat - b.repeat);
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
    asked_samples: entry.asked,
    samples,
    failures: entry.failures,
    engine_report: entry.engine,
    engine_start_s: attempts.flatMap((attempt) => engineStarts.get(attempt) ?? []),
    log: entry.log,
  });
}

function methodOf(driver: keyof typeof METHOD_VERSION): JobRecord['method'] {
  return { driver, version: METHOD_VERSION[driver] };
}
