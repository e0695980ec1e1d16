import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinning } from '../devices/pinning.ts';
import { modeById } from '../modes/index.ts';
import type { CommandSpec, Wanted } from '../modes/mode.ts';
import type { RemainingLaunch } from '../plan/remaining.ts';
import type { Environment } from '../schema/environment.ts';
import type { Outcome } from '../schema/outcome.ts';
import type { Launch } from '../schema/plan.ts';
import { runAttempt } from './attempt.ts';
import { AttemptBook } from './attempt-book.ts';
import type { RunContext } from './context.ts';
import { contradictionsOf, driverLogOf } from './contradictions.ts';
import { failureOf } from './failure.ts';
import { attemptDirectory, attemptName, clientLog } from './layout.ts';

/** After so many measurements in a row that cost the engine its life, the rest of the launch is given up. */
const MOST_DEATHS_IN_A_ROW = 3;

/**
 * Carries a launch out until every measurement is made or given up. A measurement that kills the engine fails alone: the
 * engine is started again for those that are left.
 */
export async function runLaunch({ launch, wanted }: RemainingLaunch, context: RunContext): Promise<void> {
  const { policy, signal } = context;
  let left = wanted;
  let retry = 0;
  let deaths = 0;
  while (left.length > 0 && !signal.aborted) {
    const { book, outcome, folder } = await oneAttempt(launch, left, context);
    left = left.filter((item) => !book.settled.has(item));
    if (left.length === 0 || signal.aborted || outcome.kind === 'cancelled') return;
    const reason = failureOf(folder, outcome);
    if (reason.code === 'retryable' && retry < policy.retries) {
      retry += 1;
      context.notify({ kind: 'retrying', launch, inSeconds: policy.retryDelaySeconds, retry, of: policy.retries });
      await sleep(policy.retryDelaySeconds * 1000, undefined, { signal }).catch(() => undefined);
      continue;
    }
    deaths = book.measured > 0 ? 1 : deaths + 1;
    const culprit = book.interrupted;
    const hopeless = culprit === null || deaths >= MOST_DEATHS_IN_A_ROW;
    for (const item of hopeless ? left : [culprit]) book.fail(item, reason);
    left = hopeless ? [] : left.filter((item) => item !== culprit);
  }
}

interface Attempted {
  readonly book: AttemptBook;
  readonly outcome: Outcome;
  readonly folder: string;
}

async function oneAttempt(launch: Launch, wanted: readonly Wanted[], context: RunContext): Promise<Attempted> {
  const { directory, plan, env } = context;
  const number = context.nextAttempt();
  const attempt = attemptName(number, launch.name);
  const log = clientLog(context.stamp, number, launch.name);
  const folder = attemptDirectory(directory, attempt);
  const book = new AttemptBook(launch, wanted, { attempt, number, log }, context);
  const devices = launch.engine.tensor_parallel_size * launch.engine.pipeline_parallel_size;
  const request = {
    ...{ attempt, directory: folder, marker: randomUUID(), mergedLog: join(directory, log) },
    command: withEnvironment(
      modeById(launch.jobs[0]?.mode ?? '').command(
        launch,
        wanted.map((item) => withKnown(item, launch, context)),
        ...[folder, context.tools, plan.facts],
      ),
      context.environment,
    ),
    env: { ...env, ...pinning(plan.facts.devices, devices, env), PYTHONUNBUFFERED: '1' },
    stepSeconds: launch.timeout_seconds,
  };
  const listener = {
    started: (handle: unknown) => book.started(handle),
    line: (text: string) => context.notify({ kind: 'line', attempt, text }),
    heard: book.heard.bind(book),
  };
  const { outcome, leftBehind } = await runAttempt(request, context.executor, listener, context.signal);
  book.readAwaiting(outcome);
  const strange = contradictionsOf(directory, attempt, driverLogOf(directory, attempt));
  for (const text of strange) context.notify({ kind: 'note', text });
  const complete = wanted.every((item) => book.settled.has(item));
  book.ended(outcome, complete ? null : failureOf(folder, outcome).message, leftBehind);
  return { book, outcome, folder };
}

/** A job that is repeated until it is steady goes on from what earlier attempts of this engine start measured. */
function withKnown(item: Wanted, { start }: Launch, { ledger }: RunContext): Wanted {
  return item.job.until === null ? item : { ...item, known: ledger.throughputs(item.job.id, start) };
}

/** The record of the host lies beside what was measured on it: a resumed run may have been on another. */
function withEnvironment(command: CommandSpec, environment: Environment): CommandSpec {
  return { ...command, files: { ...command.files, 'environment.json': `${JSON.stringify(environment, null, 2)}\n` } };
}
