import { setTimeout as sleep } from 'node:timers/promises';
import type { Wanted } from '../modes/mode.ts';
import { chanceOf } from '../plan/identity.ts';
import type { RemainingLaunch } from '../plan/remaining.ts';
import { shorter } from '../plan/shorter.ts';
import { FAILURE_CLASSES } from '../schema/failure-class.ts';
import type { Job, Launch } from '../schema/plan.ts';
import type { Reason } from '../schema/record.ts';
import { backoffSeconds } from './backoff.ts';
import type { RunContext } from './context.ts';
import type { FailureReason } from './failure.ts';
import { leaveOut } from './left-out.ts';
import { type Attempted, oneAttempt } from './one-attempt.ts';

/**
 * Carries a launch out on these devices until every measurement is made or given up. A measurement that kills the engine
 * fails alone: the engine is started again for those that are left.
 */
export async function runLaunch(
  { launch: planned, wanted }: RemainingLaunch,
  devices: readonly string[],
  context: RunContext,
): Promise<void> {
  const { policy, signal, plan } = context;
  let launch = planned;
  /** By what was being measured; null for an engine that ended before or between measurements. */
  const retries = new Map<Wanted | null, number>();
  let left = withoutHopeless(wanted, launch, context);
  let failures = 0;
  while (left.length > 0 && !signal.aborted) {
    const found = await context.gate.enter(devices, signal, (reason) =>
      context.notify({ kind: 'launch-waiting', launch, reason }),
    );
    if (signal.aborted || found.kind === 'stopped') return;
    if (found.kind === 'refused') return leaveOut(left, busy(found.reason), launch, context);
    const attempted = await oneAttempt({ launch, wanted: left, devices, ...found }, context);
    const { book, outcome, failure } = attempted;
    left = left.filter((item) => !book.settled.has(item));
    if (failure === null || left.length === 0 || signal.aborted || outcome.kind === 'cancelled') return;
    const { reason, fits } = failure;
    const culprit = book.interrupted;
    const retry = (retries.get(culprit) ?? 0) + 1;
    if (FAILURE_CLASSES[reason.code].transient && retry <= policy.retries) {
      retries.set(culprit, retry);
      await pause(launch, retry, context);
      continue;
    }
    failures = book.measured > 0 ? 1 : failures + 1;
    context.verdicts.add({ class: reason.code, launch, workload: culprit?.job.workload ?? null });
    const jobs = [...new Set(left.map(({ job }) => job))];
    const less = reason.code === 'kv-cache-too-small' ? shorter(launch, jobs, fits, plan.facts) : null;
    if (less !== null) launch = less.launch;
    left = giveUp(left, attempted, reason, less?.tooLong ?? null);
    if (left.length > 0 && failures >= policy.maxConsecutiveFailures) {
      return leaveOut(left, tooMany(failures, reason), launch, context);
    }
    left = withoutHopeless(left, launch, context);
  }
}

/** Fails what this attempt speaks its verdict on, and gives what is still worth another engine. `tooLong`: only these. */
function giveUp(
  left: readonly Wanted[],
  { book, outcome }: Attempted,
  reason: FailureReason,
  tooLong: ReadonlySet<Job> | null,
): readonly Wanted[] {
  const culprit = book.interrupted;
  const endedWell = outcome.kind === 'exited' && outcome.exitCode === 0;
  // It died between two measurements: none of them is to blame.
  if (culprit === null && book.measured > 0 && !endedWell) return left;
  const failed = culprit !== null ? [culprit] : left.filter(({ job }) => tooLong?.has(job) ?? true);
  for (const item of failed) book.fail(item, reason);
  return left.filter((item) => !failed.includes(item));
}

/** Leaves out what another failure of this run has decided. */
function withoutHopeless(wanted: readonly Wanted[], launch: Launch, context: RunContext): readonly Wanted[] {
  const against = Map.groupBy(wanted, ({ job }) => context.verdicts.against(launch, job.workload)?.message ?? null);
  for (const [message, items] of against) {
    const [first] = items;
    if (message === null || first === undefined) continue;
    const reason = context.verdicts.against(launch, first.job.workload);
    if (reason !== null) leaveOut(items, reason, launch, context);
  }
  return against.get(null) ?? [];
}

function busy(reason: string): Reason {
  const { remedy } = FAILURE_CLASSES['device-busy'];
  return { code: 'device-busy', message: `${reason}; ${remedy}` };
}

function tooMany(failures: number, { code, message }: Reason): Reason {
  return {
    code,
    message: `left out after ${failures} engine failures in a row (max_consecutive_failures): ${message}`,
  };
}

async function pause(launch: Launch, retry: number, { policy, signal, notify }: RunContext): Promise<void> {
  const inSeconds = backoffSeconds(policy.retryDelaySeconds, retry, chanceOf(`${launch.id}/${retry}`));
  notify({ kind: 'retrying', launch, inSeconds, retry, of: policy.retries });
  await sleep(inSeconds * 1000, undefined, { signal }).catch(() => undefined);
}
