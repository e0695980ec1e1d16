import type { Heard, JobSection } from '../../parsers/driver-log.ts';
import type { Wanted } from '../modes/mode.ts';
import type { DriverEvent } from '../schema/driver-protocol.ts';
import type { Outcome } from '../schema/outcome.ts';
import type { Launch } from '../schema/plan.ts';
import type { LogRange, Reason } from '../schema/record.ts';
import { AttemptLog } from './attempt-log.ts';
import type { RunContext } from './context.ts';
import { attemptDirectory } from './layout.ts';
import { type MeasurementPlace, type MeasurementRead, readResident, readStock } from './read-measurement.ts';

/** First and last line of the merged log, 1-based. */
type LineRange = readonly [number, number];

/** Which attempt it is, and where its streams are merged. */
export interface AttemptIdentity {
  readonly attempt: string;
  readonly number: number;
  readonly log: string;
}

/**
 * Writes down what an attempt does: every event goes to the journal first, then to the ledger, the job's record and
 * whoever watches.
 */
export class AttemptBook {
  readonly #launch: Launch;
  readonly #wanted: readonly Wanted[];
  readonly #context: RunContext;
  readonly #identity: AttemptIdentity;
  readonly #log: AttemptLog;
  readonly #settled = new Set<Wanted>();
  /** What the driver's log says of each measurement: once, unless it contradicts itself. */
  readonly #sections = new Map<Wanted, JobSection[]>();
  /** Measurements whose evidence is complete only when the process has ended. */
  readonly #awaiting: { item: Wanted; lines: LineRange }[] = [];
  #begun: { item: Wanted; line: number } | null = null;
  #measured = 0;

  constructor(launch: Launch, wanted: readonly Wanted[], identity: AttemptIdentity, context: RunContext) {
    this.#launch = launch;
    this.#wanted = wanted;
    this.#identity = identity;
    this.#context = context;
    this.#log = new AttemptLog(attemptDirectory(context.directory, identity.attempt));
  }

  /** Measurements that need no other attempt: made, failed by themselves, or of a job that is steady without them. */
  get settled(): ReadonlySet<Wanted> {
    return this.#settled;
  }

  get measured(): number {
    return this.#measured;
  }

  /** What was being measured when the engine ended. */
  get interrupted(): Wanted | null {
    return this.#begun?.item ?? null;
  }

  started(handle: unknown): void {
    const { attempt, log, number } = this.#identity;
    const { id, start, max_model_len } = this.#launch;
    this.#append({
      event: 'attempt_started',
      launch: id,
      start,
      max_model_len: max_model_len.value,
      log,
      handle,
      devices: [],
    });
    this.#context.notify({
      kind: 'attempt-started',
      attempt,
      launch: this.#launch,
      number,
      wanted: this.#wanted.length,
      devices: [],
      log,
    });
  }

  heard({ event, closed }: Heard, mergedLine: number): void {
    if (closed !== null) this.#closed(closed, mergedLine);
    if (event?.event === 'engine_ready') this.#ready(event.seconds);
    if (event?.event === 'job_begin') this.#began(event.job, event.repeat, mergedLine);
    if (event?.event === 'job_steady') this.#steady(event);
  }

  ended(outcome: Outcome, reason: string | null, leftBehind: readonly string[]): void {
    this.#append({ event: 'attempt_ended', outcome, reason, left_behind: [...leftBehind] });
    this.#context.notify({ kind: 'attempt-ended', attempt: this.#identity.attempt, outcome, reason, leftBehind });
  }

  /** Reads what could only be read at the end. */
  readAwaiting(outcome: Outcome): void {
    for (const { item, lines } of this.#awaiting.splice(0)) {
      this.#settle(item, readStock(this.#place(item), outcome), lines, outcome);
    }
  }

  fail(item: Wanted, reason: Reason, lines: LineRange | null = null): void {
    const { job, repeat } = item;
    const { start } = this.#launch;
    this.#append({
      event: 'measurement_failed',
      ...{ job: job.id, start, repeat, class: reason.code, reason: reason.message },
      skipped: false,
      lines: lines === null ? null : [lines[0], lines[1]],
    });
    this.#context.ledger.failed(job.id, { start, repeat, reason }, lines === null ? null : this.#logRange(lines));
    this.#context.recordChanged(job.id);
    this.#context.notify({
      kind: 'measurement-failed',
      attempt: this.#identity.attempt,
      job,
      repeat,
      reason: reason.message,
      skipped: false,
    });
  }

  #ready(seconds: number): void {
    this.#append({ event: 'engine_ready', seconds });
    this.#context.ledger.engineStarted(this.#identity.attempt, seconds);
    this.#context.notify({ kind: 'engine-ready', attempt: this.#identity.attempt, seconds });
  }

  #began(job: string, repeat: number, mergedLine: number): void {
    const item = this.#find(job, repeat);
    if (item === null) return;
    this.#begun = { item, line: mergedLine };
    this.#context.notify({ kind: 'measurement-began', attempt: this.#identity.attempt, job: item.job, repeat });
  }

  /** The driver leaves the rest of this job's repeats out; whether rightly, the ledger judges by what was measured. */
  #steady({ job: id, repeats, cv }: Extract<DriverEvent, { event: 'job_steady' }>): void {
    const spared = this.#wanted.filter((item) => item.job.id === id && !this.#settled.has(item));
    const job = this.#wanted.find((item) => item.job.id === id)?.job ?? null;
    if (job === null || job.until === null) return;
    for (const item of spared) this.#settled.add(item);
    const { attempt } = this.#identity;
    this.#context.notify({ kind: 'job-steady', attempt, job, repeats, spared: spared.length, cv });
  }

  #closed(section: JobSection, mergedLine: number): void {
    const item = this.#find(section.job, section.repeat);
    if (item === null) return;
    const sections = [...(this.#sections.get(item) ?? []), section];
    this.#sections.set(item, sections);
    // Cut off: the engine ended under it, and `interrupted` names it.
    if (sections.every(({ ended }) => ended === 'cut')) return;
    const lines: LineRange = [this.#begun?.line ?? mergedLine, mergedLine];
    if (section.ended !== 'cut') this.#begun = null;
    if (!sections.some(({ ended }) => ended === 'end')) {
      this.#settled.add(item);
      this.fail(item, { code: 'measurement', message: section.error ?? 'the driver gave no reason' }, lines);
    } else if (this.#launch.engine.driver.kind === 'resident') {
      this.#settle(item, readResident(this.#place(item), sections), lines);
    } else if (section.ended === 'end') {
      this.#awaiting.push({ item, lines });
    }
  }

  #settle(item: Wanted, read: MeasurementRead, lines: LineRange, outcome: Outcome | null = null): void {
    this.#settled.add(item);
    if ('unmeasured' in read) {
      this.fail(item, read.unmeasured, lines);
      return;
    }
    const { job, repeat } = item;
    const { sample, engine, ran } = read;
    this.#measured += 1;
    this.#append({
      event: 'measured',
      ...{
        job: job.id,
        start: this.#launch.start,
        repeat,
        outcome,
        evidence: sample.evidence,
        lines: [lines[0], lines[1]],
        beside: [],
      },
    });
    this.#context.ledger.measured(job.id, sample, engine, this.#logRange(lines), ran);
    this.#context.recordChanged(job.id);
    this.#context.notify({ kind: 'measured', attempt: this.#identity.attempt, job, repeat, sample });
  }

  #append(event: DistributiveOmit<Parameters<RunContext['journal']['append']>[0], 'at' | 'attempt'>): void {
    const at = this.#context.now().toISOString();
    this.#context.journal.append({ ...event, at, attempt: this.#identity.attempt } as Parameters<
      RunContext['journal']['append']
    >[0]);
  }

  #find(job: string, repeat: number): Wanted | null {
    return this.#wanted.find((item) => item.job.id === job && item.repeat === repeat) ?? null;
  }

  #logRange(lines: LineRange): LogRange {
    return { file: this.#identity.log, first_line: lines[0], last_line: lines[1] };
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

/** `Omit` for each member of a union by itself. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
