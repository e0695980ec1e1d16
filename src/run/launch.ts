import type { Wanted } from '../modes/mode.ts';
import { chanceOf } from '../plan/identity.ts';
import type { RemainingLaunch } from '../plan/remaining.ts';
import { shorter } from '../plan/shorter.ts';
import { FAILURE_CLASSES } from '../schema/failure-class.ts';
import type { Job, Launch } from '../schema/plan.ts';
import type { Reason } from '../schema/record.ts';
import { backoffSeconds } from './backoff.ts';
import type { RunContext } from './context.ts';
import type { AttemptFailure, FailureReason } from './failure.ts';
import { leaveOut } from './left-out.ts';
import { type Attempted, oneAttempt } from './one-attempt.ts';
import type { Turn } from './side-by-side.ts';

/** A point that has ended so many engines is not given another one for its other repeats. */
const MOST_ENGINES_A_POINT = 2;

/**
 * A launch on its way: each turn is one engine, until every measurement is made or given up. A measurement that kills
 * its engine fails alone: the engine is started again for those that are left.
 */
export class LaunchRun {
  readonly #context: RunContext;
  #launch: Launch;
  #left: readonly Wanted[];
  /** By what was being measured; null for an engine that ended before or between measurements. */
  readonly #retries = new Map<Wanted | null, number>();
  /** Job -> engines that ended under it. */
  readonly #ended = new Map<Job, number>();
  #failures = 0;

  constructor({ launch, wanted }: RemainingLaunch, context: RunContext) {
    this.#launch = launch;
    this.#left = wanted;
    this.#context = context;
  }

  /** Devices that it was to run on are lost, and the others do not suffice. */
  leaveOut(reason: Reason): void {
    this.#leaveOut(this.#left, reason);
  }

  /** Starts an engine on these devices, and says what is to come after it. */
  async turn(devices: readonly string[]): Promise<Turn> {
    const { gate, signal, notify } = this.#context;
    this.#dropHopeless();
    if (this.#left.length === 0 || signal.aborted) return null;
    const found = await gate.enter(devices, signal);
    if (found.kind === 'stopped') return null;
    if (found.kind === 'busy') {
      notify({ kind: 'launch-waiting', launch: this.#launch, reason: found.reason });
      return { afterSeconds: found.seconds, resting: found.ids, lost: [] };
    }
    if (found.kind === 'refused') {
      notify({ kind: 'note', text: `${found.reason}: not used in this run (foreign_processes: refuse)` });
      return { afterSeconds: 0, resting: [], lost: found.ids };
    }
    if (found.foreign !== null) notify({ kind: 'note', text: found.foreign });
    const make = { launch: this.#launch, wanted: this.#left, devices, ...found };
    const attempted = await oneAttempt(make, this.#context);
    this.#left = this.#left.filter((item) => !attempted.book.settled.has(item));
    if (this.#left.length === 0 || signal.aborted || attempted.outcome.kind === 'cancelled') return null;
    const passed = this.#countPassing(attempted);
    const { failure } = attempted;
    const next = failure === null ? passed : ((await this.#judge(failure, attempted, devices)) ?? passed);
    return this.#left.length === 0 ? null : next;
  }

  /** Measurements that failed of something that may pass get another turn, as often as the policy says. */
  #countPassing({ book }: Attempted): Turn {
    const { policy } = this.#context;
    let most = 0;
    for (const [item, reason] of book.passing) {
      const retry = this.#retry(item);
      if (retry > policy.retries) this.#fail([item], reason, book);
      else most = Math.max(most, retry);
    }
    return most === 0 ? AT_ONCE : this.#pause(most);
  }

  /** What the end of the engine means for what is left. */
  async #judge(
    { reason, fits }: AttemptFailure,
    { book, outcome, foreign }: Attempted,
    devices: readonly string[],
  ): Promise<Turn> {
    const { policy, verdicts, plan, gate } = this.#context;
    const culprit = book.interrupted;
    const isLost = reason.code === 'device-lost';
    const retry = this.#retry(culprit);
    if (FAILURE_CLASSES[reason.code].transient && retry <= policy.retries) {
      const pause = this.#pause(retry);
      // Another device may do better than the one that has just failed.
      return pause === null ? null : { ...pause, resting: isLost ? devices : [] };
    }
    const lost = isLost ? await gate.lost(devices) : [];
    this.#failures = book.measured > 0 ? 1 : this.#failures + 1;
    // What others do on a device says nothing about devices of our own.
    if (foreign === null)
      verdicts.add({ class: reason.code, launch: this.#launch, workload: culprit?.job.workload ?? null, fits });
    const endedWell = outcome.kind === 'exited' && outcome.exitCode === 0;
    const others = this.#left.filter((item) => !book.passing.has(item));
    if (culprit !== null) this.#giveUpPoint(culprit, reason, book);
    else if (book.measured === 0 || endedWell) {
      const jobs = [...new Set(others.map(({ job }) => job))];
      const less = SHORTENED.has(reason.code) ? shorter(this.#launch, jobs, fits, plan.facts) : null;
      if (less !== null) this.#launch = less.launch;
      this.#fail(less === null ? others : others.filter(({ job }) => less.tooLong.has(job)), reason, book);
    }
    if (this.#failures >= policy.maxConsecutiveFailures) this.#leaveOut(this.#left, tooMany(this.#failures, reason));
    return { ...AT_ONCE, lost };
  }

  #giveUpPoint(culprit: Wanted, reason: FailureReason, book: Attempted['book']): void {
    this.#fail([culprit], reason, book);
    const engines = (this.#ended.get(culprit.job) ?? 0) + 1;
    this.#ended.set(culprit.job, engines);
    if (engines < MOST_ENGINES_A_POINT) return;
    const { code, message } = reason;
    const others = this.#left.filter(({ job }) => job === culprit.job);
    this.#leaveOut(others, { code, message: `left out after this point has ended ${engines} engines: ${message}` });
  }

  /** Leaves out what another failure of this run has decided; what was measured in this start is proved to be possible. */
  #dropHopeless(): void {
    const { verdicts, ledger } = this.#context;
    const against = Map.groupBy(this.#left, ({ job }) => {
      const isProved = !this.#ended.has(job) && ledger.throughputs(job.id, this.#launch.start).length > 0;
      return isProved ? null : verdicts.against(this.#launch, job.workload);
    });
    for (const [reason, items] of against) if (reason !== null) this.#leaveOut(items, reason);
  }

  #retry(item: Wanted | null): number {
    const retry = (this.#retries.get(item) ?? 0) + 1;
    this.#retries.set(item, retry);
    return retry;
  }

  #pause(retry: number): Turn {
    const { policy, notify } = this.#context;
    const chance = chanceOf(`${this.#launch.id}/${retry}`);
    const inSeconds = backoffSeconds(policy.retryDelaySeconds, retry, chance);
    notify({ kind: 'retrying', launch: this.#launch, inSeconds, retry, of: policy.retries });
    return { ...AT_ONCE, afterSeconds: inSeconds };
  }

  #fail(items: readonly Wanted[], reason: FailureReason, book: Attempted['book']): void {
    for (const item of items) book.fail(item, reason);
    this.#left = this.#left.filter((item) => !items.includes(item));
  }

  #leaveOut(items: readonly Wanted[], reason: Reason): void {
    leaveOut(items, reason, this.#launch, this.#context);
    this.#left = this.#left.filter((item) => !items.includes(item));
  }
}

const AT_ONCE = { afterSeconds: 0, resting: [], lost: [] } as const;

/** Failures of an engine that was made for longer points than fit; it may start for the shorter ones. */
const SHORTENED: ReadonlySet<string> = new Set(['kv-cache-too-small', 'max-model-len']);

function tooMany(failures: number, { code, message }: Reason): Reason {
  return {
    code,
    message: `left out after ${failures} engine failures in a row (max_consecutive_failures): ${message}`,
  };
}
