import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { workersOf } from '../config/workers.ts';
import type { MemoryInUse } from '../devices/device-memory.ts';
import { cpuHost } from '../devices/numa.ts';
import { pinning } from '../devices/pinning.ts';
import { modeById } from '../modes/index.ts';
import type { CommandSpec, Wanted } from '../modes/mode.ts';
import type { Environment } from '../schema/environment.ts';
import type { Outcome } from '../schema/outcome.ts';
import type { Launch } from '../schema/plan.ts';
import { type AttemptListener, runAttempt } from './attempt.ts';
import { AttemptBook } from './attempt-book.ts';
import type { RunContext } from './context.ts';
import { contradictionsOf, driverLogOf } from './contradictions.ts';
import { type AttemptFailure, failureOf } from './failure.ts';
import { attemptDirectory, attemptName, clientLog } from './layout.ts';

export interface Attempted {
  readonly book: AttemptBook;
  readonly outcome: Outcome;
  /** Null when every measurement is made, or failed by itself, be it for now (`AttemptBook.passing`). */
  readonly failure: AttemptFailure | null;
  /** Other programs on its devices, in words. */
  readonly foreign: string | null;
}

export interface AttemptToMake {
  readonly launch: Launch;
  readonly wanted: readonly Wanted[];
  /** Names of the devices that the engine is held to. */
  readonly devices: readonly string[];
  /** Memory in use on them before. */
  readonly before: MemoryInUse;
  /** Other programs on them, in words; null where there are none. */
  readonly foreign: string | null;
}

/** Starts the engine of a launch once, for the measurements that are wanted of it. */
export async function oneAttempt(make: AttemptToMake, context: RunContext): Promise<Attempted> {
  const { launch, wanted, devices, before, foreign } = make;
  const { directory, plan, env } = context;
  const number = context.nextAttempt();
  const attempt = attemptName(number, launch.name);
  const log = clientLog(context.stamp, number, launch.name);
  const folder = attemptDirectory(directory, attempt);
  const book = new AttemptBook(launch, wanted, { attempt, number, log, devices, foreign }, context);
  const marker = randomUUID();
  const request = {
    ...{ attempt, directory: folder, marker, mergedLog: join(directory, log) },
    command: withEnvironment(commandOf(launch, wanted, folder, context), context.environment),
    env: { ...env, ...pinned(launch, devices, context), PYTHONUNBUFFERED: '1' },
    limits: { stepSeconds: launch.timeout_seconds, stallSeconds: launch.stall_seconds },
    // nvidia-smi does not tell of a part of a GPU.
    gpus: plan.facts.devices?.kind === 'cuda' ? devices.filter((id) => !id.startsWith('MIG-')) : [],
  };
  const listener: AttemptListener = {
    starting: () => book.starting(marker),
    started: (handle) => {
      book.started(handle);
      // While an engine loads nobody is measured: the time to read what earlier runs left. Who needs it is told of trouble.
      context.ledger.load().catch(() => undefined);
    },
    line: (text) => context.notify({ kind: 'line', attempt, text }),
    heard: book.heard.bind(book),
  };
  context.neighbours.enter(attempt);
  context.markers.add(marker);
  try {
    const { outcome, leftBehind } = await runAttempt(request, listener, context);
    context.neighbours.leave(attempt);
    book.readAwaiting(outcome);
    const strange = contradictionsOf(directory, attempt, driverLogOf(directory, attempt));
    for (const text of strange) context.notify({ kind: 'note', text });
    const complete = wanted.every((item) => book.settled.has(item) || book.passing.has(item));
    const failure = complete ? null : failureOf(folder, outcome, book.atTheEnd);
    const held = await context.gate.leave(devices, before, context.hurry ?? NEVER);
    book.ended(outcome, failure?.reason.message ?? null, [...leftBehind, ...held]);
    return { book, outcome, failure, foreign };
  } finally {
    context.neighbours.leave(attempt);
    context.markers.delete(marker);
  }
}

const NEVER = new AbortController().signal;

/** The variables that hold the launch to its devices. */
function pinned(
  { engine }: Launch,
  ids: readonly string[],
  { plan, env, sources }: RunContext,
): Record<string, string> {
  return pinning({
    ...{ devices: plan.facts.devices, ids, own: engine.env, env: { ...env, ...engine.env } },
    workers: workersOf(engine),
    ...(plan.facts.devices?.kind === 'cpu' && { cpu: cpuHost(sources) }),
  });
}

function commandOf(launch: Launch, wanted: readonly Wanted[], folder: string, context: RunContext): CommandSpec {
  const mode = modeById(launch.jobs[0]?.mode ?? '');
  const known = wanted.map((item) => withKnown(item, launch, context));
  return mode.command(launch, known, folder, context.tools, context.plan.facts);
}

/** A job that is repeated until it is steady goes on from what earlier attempts of this engine start measured. */
function withKnown(item: Wanted, { start }: Launch, { ledger }: RunContext): Wanted {
  return item.job.until === null ? item : { ...item, known: ledger.throughputs(item.job.id, start) };
}

/** The record of the host lies beside what was measured on it: a resumed run may have been on another. */
function withEnvironment(command: CommandSpec, environment: Environment): CommandSpec {
  return { ...command, files: { ...command.files, 'environment.json': `${JSON.stringify(environment, null, 2)}\n` } };
}
