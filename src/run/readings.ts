import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JobSection } from '../../parsers/driver-log.ts';
import type { AttemptStarted, Measured } from '../journal/events.ts';
import type { Job, Launch, Plan } from '../schema/plan.ts';
import { AttemptLog } from './attempt-log.ts';
import { contradictionsOf, driverLogOf, sectionKey } from './contradictions.ts';
import { problemOf } from './evidence.ts';
import { attemptDirectory } from './layout.ts';
import { type MeasurementRead, readResident, readStock } from './read-measurement.ts';

interface OpenAttempt {
  readonly log: AttemptLog;
  /** Of its driver's log, by job and repeat: one each, unless the log contradicts itself. */
  readonly sections: ReadonlyMap<string, readonly JobSection[]>;
}

/** Reads the measurements that a journal tells of from the files of their attempts. */
export class Readings {
  readonly #plan: Plan;
  readonly #directory: string;
  readonly #attempts = new Map<string, OpenAttempt>();
  /** What is wrong with the log of each attempt; null where nothing is. */
  readonly #logs = new Map<string, string | null>();
  readonly #jobs: ReadonlyMap<string, ReadonlyMap<string, Job>>;

  constructor(plan: Plan, directory: string) {
    this.#plan = plan;
    this.#directory = directory;
    this.#jobs = new Map(plan.launches.map(({ id, jobs }) => [id, new Map(jobs.map((job) => [job.id, job]))]));
  }

  /** Reads the log of an attempt; what is strange about it, a sentence each. */
  open({ attempt }: AttemptStarted): string[] {
    const driver = driverLogOf(this.#directory, attempt);
    const log = new AttemptLog(attemptDirectory(this.#directory, attempt));
    this.#attempts.set(attempt, { log, sections: Map.groupBy(driver.sections, sectionKey) });
    return contradictionsOf(this.#directory, attempt, driver);
  }

  /** The measurement of an opened attempt of this launch; null when it is not asked for any more. */
  read(event: Measured, launch: Launch): MeasurementRead | null {
    const attempt = this.#attempts.get(event.attempt);
    const job = this.#jobs.get(launch.id)?.get(event.job);
    if (attempt === undefined || job === undefined) return null;
    const where = { directory: this.#directory, facts: this.#plan.facts, attempt: event.attempt, log: attempt.log };
    const place = { ...where, launch, job, repeat: event.repeat };
    const problem = this.#problemOfLog(event.attempt);
    if (problem !== null) return { unmeasured: { code: 'no-result', message: `the attempt's stdout.log ${problem}` } };
    if (event.outcome !== null) return readStock(place, event.outcome);
    return readResident(place, attempt.sections.get(sectionKey(event)) ?? []);
  }

  /**
   * Whether a measurement is asked for in this launch, and its evidence as large as it was when it was noted. Nothing is
   * read for that, and no attempt need be opened.
   */
  isThere({ attempt, job, evidence, bytes }: Measured, launch: Launch): boolean {
    const isAsked = this.#jobs.get(launch.id)?.has(job) ?? false;
    return isAsked && this.#problemOfLog(attempt) === null && sizeOf(join(this.#directory, evidence)) === bytes;
  }

  #problemOfLog(attempt: string): string | null {
    const known = this.#logs.get(attempt);
    if (known !== undefined) return known;
    const problem = problemOf(stdoutOf(this.#directory, attempt));
    this.#logs.set(attempt, problem);
    return problem;
  }
}

function stdoutOf(directory: string, attempt: string): string {
  return join(attemptDirectory(directory, attempt), 'stdout.log');
}

function sizeOf(path: string): number | null {
  try {
    const stats: Stats | undefined = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? stats.size : null;
  } catch {
    return null;
  }
}
