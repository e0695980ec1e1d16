import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { JournalEvent } from '../journal/events.ts';
import { flushEvidence } from '../journal/evidence-file.ts';
import type { Wanted } from '../modes/mode.ts';
import type { Outcome } from '../schema/outcome.ts';
import type { Job, Launch } from '../schema/plan.ts';
import type { LogRange, Reason, Sample } from '../schema/record.ts';
import type { RunContext } from './context.ts';
import type { MeasurementRead } from './read-measurement.ts';

/** First and last line of the merged log, 1-based. */
export type LineRange = readonly [number, number];

/** Which attempt it is, where its streams are merged, and what it runs on. */
export interface AttemptIdentity {
  readonly attempt: string;
  readonly number: number;
  readonly log: string;
  /** Names of the devices that it is held to. */
  readonly devices: readonly string[];
  /** Other programs on them, in words. */
  readonly foreign: string | null;
}

/** A measurement whose evidence is complete. */
export interface Made {
  readonly item: Wanted;
  readonly read: Exclude<MeasurementRead, { readonly unmeasured: unknown }>;
  readonly lines: LineRange;
  /** How the process ended, where that decides whether the numbers count. */
  readonly outcome: Outcome | null;
  readonly beside: readonly string[];
}

/** Writes down what an attempt does: to the journal first, then to the ledger, the job's record and whoever watches. */
export class AttemptEntries {
  readonly #launch: Launch;
  readonly #identity: AttemptIdentity;
  readonly #context: RunContext;

  constructor(launch: Launch, identity: AttemptIdentity, context: RunContext) {
    this.#launch = launch;
    this.#identity = identity;
    this.#context = context;
  }

  starting(marker: string, wanted: number): void {
    const { attempt, log, number, devices, foreign } = this.#identity;
    const { id, start, max_model_len } = this.#launch;
    this.#append({
      ...{ event: 'attempt_started', launch: id, start, max_model_len: max_model_len.value, log },
      handle: { marker },
      devices: [...devices],
      foreign,
    });
    this.#context.notify({ kind: 'attempt-started', attempt, launch: this.#launch, number, wanted, devices, log });
  }

  started(handle: unknown): void {
    this.#append({ event: 'attempt_runs', handle });
  }

  ready(seconds: number): void {
    const { attempt } = this.#identity;
    this.#append({ event: 'engine_ready', seconds });
    this.#context.ledger.engineStarted(attempt, seconds);
    this.#context.notify({ kind: 'engine-ready', attempt, seconds });
  }

  began(job: Job, repeat: number): void {
    this.#context.notify({ kind: 'measurement-began', attempt: this.#identity.attempt, job, repeat });
  }

  measured({ item: { job, repeat }, read, lines, outcome, beside }: Made): void {
    const { attempt, devices, foreign } = this.#identity;
    const { start } = this.#launch;
    const sample: Sample = { ...read.sample, devices: [...devices], beside: [...beside], foreign };
    const { evidence } = sample;
    // The journal must not tell of what a power cut could still take away.
    const folder = join(this.#context.directory, dirname(evidence));
    flushEvidence(folder, [basename(evidence), 'stdout.log', 'stderr.log']);
    this.#append({
      ...{ event: 'measured', job: job.id, start, repeat, outcome, evidence, beside: [...beside] },
      lines: [lines[0], lines[1]],
      bytes: statSync(join(this.#context.directory, evidence), { throwIfNoEntry: false })?.size,
      output_throughput_tps: sample.values.output_throughput_tps,
      valid: sample.invalid.length === 0,
    });
    this.#context.ledger.measured(job.id, sample, read.engine, this.#logRange(lines), read.ran);
    this.#context.recordChanged(job.id);
    this.#context.notify({ kind: 'measured', attempt, job, repeat, sample });
  }

  failed({ job, repeat }: Wanted, reason: Reason, lines: LineRange | null): void {
    const { attempt } = this.#identity;
    const { start } = this.#launch;
    const { code, message, status } = reason;
    this.#append({
      ...{ event: 'measurement_failed', job: job.id, start, repeat, class: code, reason: message, status },
      lines: lines === null ? null : [lines[0], lines[1]],
    });
    this.#context.ledger.failed(job.id, { start, repeat, reason }, lines === null ? null : this.#logRange(lines));
    this.#context.recordChanged(job.id);
    this.#context.notify({ kind: 'measurement-failed', attempt, job, repeat, reason: message, skipped: false });
  }

  ended(outcome: Outcome, reason: string | null, leftBehind: readonly string[]): void {
    this.#append({ event: 'attempt_ended', outcome, reason, left_behind: [...leftBehind] });
    this.#context.notify({ kind: 'attempt-ended', attempt: this.#identity.attempt, outcome, reason, leftBehind });
  }

  #append(event: DistributiveOmit<JournalEvent, 'at' | 'attempt'>): void {
    const at = this.#context.now().toISOString();
    this.#context.journal.append({ ...event, at, attempt: this.#identity.attempt } as JournalEvent);
  }

  #logRange([first_line, last_line]: LineRange): LogRange {
    return { file: this.#identity.log, first_line, last_line };
  }
}

/** `Omit` for each member of a union by itself. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
