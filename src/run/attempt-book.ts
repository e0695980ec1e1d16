import type { Heard, JobSection } from '../../parsers/driver-log.ts';
import type { Wanted } from '../modes/mode.ts';
import type { DriverEvent } from '../schema/driver-protocol.ts';
import { FAILURE_CLASSES } from '../schema/failure-class.ts';
import type { Outcome } from '../schema/outcome.ts';
import type { Launch } from '../schema/plan.ts';
import type { Reason } from '../schema/record.ts';
import { AttemptEntries, type AttemptIdentity, type LineRange } from './attempt-entries.ts';
import { AttemptLog } from './attempt-log.ts';
import type { RunContext } from './context.ts';
import { type AtTheEnd, classOfMeasurementError, type FailureReason, failureOfMeasurement } from './failure.ts';
import { attemptDirectory } from './layout.ts';
import { type MeasurementPlace, type MeasurementRead, readResident, readStock } from './read-measurement.ts';

/** What is being measured, since which line of the merged log, and what ends the look at who runs beside it. */
interface Begun {
  readonly item: Wanted;
  readonly line: number;
  readonly beside: () => string[];
}

/** A measurement of which the driver says that it is over. */
interface Over {
  readonly item: Wanted;
  readonly lines: LineRange;
  readonly beside: readonly string[];
}

/** Follows what the driver of an attempt says: which measurements are made, which failed, and what is under way. */
export class AttemptBook {
  readonly #launch: Launch;
  readonly #wanted: ReadonlyMap<string, Wanted>;
  readonly #context: RunContext;
  readonly #identity: AttemptIdentity;
  readonly #entries: AttemptEntries;
  readonly #log: AttemptLog;
  readonly #settled = new Set<Wanted>();
  /** What the driver's log says of each measurement: once, unless it contradicts itself. */
  readonly #sections = new Map<Wanted, JobSection[]>();
  /** Measurements whose evidence is complete only when the process has ended. */
  readonly #awaiting: Over[] = [];
  /** Failures that may pass: these measurements want another attempt. */
  readonly #passing = new Map<Wanted, FailureReason>();
  #begun: Begun | null = null;
  #told: string | null = null;
  #since: AtTheEnd['since'];
  #measured = 0;
  #isReady = false;

  constructor(launch: Launch, wanted: readonly Wanted[], identity: AttemptIdentity, context: RunContext) {
    this.#launch = launch;
    this.#wanted = new Map(wanted.map((item) => [keyOf(item.job.id, item.repeat), item]));
    this.#identity = identity;
    this.#context = context;
    this.#entries = new AttemptEntries(launch, identity, context);
    this.#log = new AttemptLog(attemptDirectory(context.directory, identity.attempt));
  }

  /** Measurements that need no other attempt: made, failed by themselves, or of a job that is steady without them. */
  get settled(): ReadonlySet<Wanted> {
    return this.#settled;
  }

  get measured(): number {
    return this.#measured;
  }

  /** The engine has been ready to measure. */
  get wasReady(): boolean {
    return this.#isReady;
  }

  /** Measurements that failed by themselves of something that may pass, with the reason. */
  get passing(): ReadonlyMap<Wanted, FailureReason> {
    return this.#passing;
  }

  /** What is known of the attempt, now that it has ended. */
  get atTheEnd(): AtTheEnd {
    const isResident = this.#launch.engine.driver.kind === 'resident';
    return {
      ready: this.#isReady || !isResident,
      told: this.#told,
      ...(this.#since === undefined ? {} : { since: this.#since }),
    };
  }

  /** What was being measured when the engine ended. */
  get interrupted(): Wanted | null {
    return this.#begun?.item ?? null;
  }

  starting(marker: string): void {
    this.#entries.starting(marker, this.#wanted.size);
  }

  started(handle: unknown): void {
    this.#entries.started(handle);
  }

  heard({ event, closed }: Heard, mergedLine: number): void {
    if (closed !== null) this.#closed(closed, mergedLine);
    if (event?.event === 'engine_ready') {
      this.#isReady = true;
      this.#entries.ready(event.seconds);
    }
    if (event?.event === 'job_begin') this.#began(event.job, event.repeat, mergedLine);
    if (event?.event === 'job_steady') this.#steady(event);
  }

  ended(outcome: Outcome, reason: string | null, leftBehind: readonly string[]): void {
    this.#begun?.beside();
    this.#entries.ended(outcome, reason, leftBehind);
  }

  /** Reads what could only be read at the end. */
  readAwaiting(outcome: Outcome): void {
    for (const over of this.#awaiting.splice(0))
      this.#settle(over, readStock(this.#place(over.item), outcome), outcome);
  }

  fail(item: Wanted, reason: Reason, lines: LineRange | null = null): void {
    this.#entries.failed(item, reason, lines);
  }

  #began(job: string, repeat: number, mergedLine: number): void {
    const item = this.#wanted.get(keyOf(job, repeat));
    if (item === undefined) return;
    this.#begun?.beside();
    this.#begun = { item, line: mergedLine, beside: this.#context.neighbours.watch(this.#identity.attempt) };
    this.#entries.began(item.job, repeat);
  }

  /** The driver leaves the rest of this job's repeats out; whether rightly, the ledger judges by what was measured. */
  #steady({ job: id, repeats, cv }: Extract<DriverEvent, { event: 'job_steady' }>): void {
    const all = [...this.#wanted.values()].filter((item) => item.job.id === id);
    const job = all[0]?.job ?? null;
    if (job === null || job.until === null) return;
    const spared = all.filter((item) => !this.#settled.has(item));
    for (const item of spared) this.#settled.add(item);
    const { attempt } = this.#identity;
    this.#context.notify({ kind: 'job-steady', attempt, job, repeats, spared: spared.length, cv });
  }

  #closed(section: JobSection, mergedLine: number): void {
    const item = this.#wanted.get(keyOf(section.job, section.repeat));
    if (item === undefined) return;
    const sections = [...(this.#sections.get(item) ?? []), section];
    this.#sections.set(item, sections);
    // Cut off: the engine ended under it, and `interrupted` names it.
    if (sections.every(({ ended }) => ended === 'cut')) return;
    const begun = this.#begun;
    const over: Over = { item, lines: [begun?.line ?? mergedLine, mergedLine], beside: begun?.beside() ?? [] };
    if (section.ended !== 'cut') this.#begun = null;
    const error = section.error ?? 'the driver gave no reason';
    const hasFailed = !sections.some(({ ended }) => ended === 'end');
    // The engine died under it: what the log says of that comes when it has ended.
    // A process that measures once ends with its failure, too.
    const hasEnded = this.#launch.engine.driver.kind !== 'resident' || classOfMeasurementError(error) === 'engine-died';
    if (hasFailed && hasEnded) {
      this.#begun = begun;
      this.#told = error;
      return;
    }
    this.#since = { stdoutLine: section.last_line, unixSeconds: this.#context.now().getTime() / 1000 };
    if (hasFailed) {
      this.#failedAlone(over, error);
    } else if (this.#launch.engine.driver.kind === 'resident') {
      this.#settle(over, readResident(this.#place(item), sections));
    } else if (section.ended === 'end') {
      this.#awaiting.push(over);
    }
  }

  /** The driver could not make it, and its engine lives. */
  #failedAlone({ item, lines }: Over, error: string): void {
    const reason = failureOfMeasurement(error);
    if (FAILURE_CLASSES[reason.code].transient) {
      this.#passing.set(item, reason);
      return;
    }
    this.#settled.add(item);
    this.fail(item, reason, lines);
    this.#context.verdicts.add({ class: reason.code, launch: this.#launch, workload: item.job.workload });
  }

  #settle(over: Over, read: MeasurementRead, outcome: Outcome | null = null): void {
    this.#settled.add(over.item);
    if ('unmeasured' in read) {
      this.fail(over.item, read.unmeasured, over.lines);
      return;
    }
    this.#measured += 1;
    this.#entries.measured({ ...over, read, outcome });
  }

  #place(item: Wanted): MeasurementPlace {
    return {
      directory: this.#context.directory,
      facts: this.#context.plan.facts,
      attempt: this.#identity.attempt,
      log: this.#log,
      launch: this.#launch,
      ...item,
    };
  }
}

function keyOf(job: string, repeat: number): string {
  return `${job}/${repeat}`;
}
