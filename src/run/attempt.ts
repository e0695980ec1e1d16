import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { driverLogReader, type Heard } from '../../parsers/driver-log.ts';
import type { Ended, StopReason } from '../executors/executor.ts';
import { type Follower, follow } from '../journal/follow.ts';
import type { CommandSpec } from '../modes/mode.ts';
import { makeFolder } from '../sinks/directory.ts';
import type { RunSurroundings } from './context.ts';
import { openMergedLog } from './merged-log.ts';
import { type Limits, Watchdog } from './watchdog.ts';

export interface AttemptRequest {
  readonly attempt: string;
  readonly directory: string;
  readonly command: CommandSpec;
  readonly env: Readonly<Record<string, string>>;
  readonly marker: string;
  /** Where both streams are merged. */
  readonly mergedLog: string;
  readonly limits: Limits;
  /** GPUs that telemetry is asked of. */
  readonly gpus: readonly string[];
}

export interface AttemptListener {
  /** It is about to start: whoever comes after a crash can find it by its marker. */
  starting(): void;
  /** The process runs; by its handle the executor finds it again. */
  started(handle: unknown): void;
  line(text: string): void;
  /** What a line of the driver's stdout meant, and the number of the last line of the merged log. */
  heard(heard: Heard, mergedLine: number): void;
}

/** How often the streams are looked at while something comes, and when nothing has come for a while. */
const POLL_MS = 100;
const IDLE_POLL_MS = 500;
const QUIET_SECONDS = 5;

/**
 * One execution of a launch: starts it, follows what it writes, and ends when it has ended and everything that it wrote
 * was heard. Aborting the signal ends it early.
 */
export async function runAttempt(
  request: AttemptRequest,
  listener: AttemptListener,
  { executor, signal, hurry }: Pick<RunSurroundings, 'executor' | 'signal' | 'hurry'>,
): Promise<Ended> {
  makeFolder(request.directory);
  for (const [name, content] of Object.entries(request.command.files))
    writeFileSync(join(request.directory, name), content);
  // A command that never gets as far as a first line leaves two empty files, not none.
  for (const stream of ['stdout.log', 'stderr.log']) writeFileSync(join(request.directory, stream), '', { flag: 'a' });
  const { file, args, env } = request.command;
  listener.starting();
  const handle = await executor.start({
    attempt: request.attempt,
    file,
    args,
    env: { ...request.env, ...env },
    directory: request.directory,
    marker: request.marker,
    gpus: request.gpus,
  });
  const stop = new AbortController();
  const cancel = () => stop.abort({ kind: 'cancelled' } satisfies StopReason);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const ending = executor.wait(handle, stop.signal, hurry);
  try {
    listener.started(handle);
    const watchdog = new Watchdog(request.limits, seconds());
    const streams = followStreams(request, listener, watchdog);
    try {
      await pumpUntil(ending, streams, watchdog, stop);
    } finally {
      streams.finish();
    }
  } catch (error) {
    // A full disk, say: what we started must end all the same before the trouble is told.
    cancel();
    await ending;
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  return ending;
}

/** Looks at the streams until the launch has ended, or the watchdog stops it. */
async function pumpUntil(
  ending: Promise<unknown>,
  streams: Streams,
  watchdog: Watchdog,
  stop: AbortController,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  void ending.then(end, end);
  let quietSince = seconds();
  while (!over.signal.aborted) {
    if (streams.pump()) quietSince = seconds();
    const verdict = watchdog.verdict(seconds());
    if (verdict !== null && !stop.signal.aborted) stop.abort(verdict);
    const pause = seconds() - quietSince > QUIET_SECONDS ? IDLE_POLL_MS : POLL_MS;
    await sleep(pause, undefined, { signal: over.signal }).catch(() => undefined);
  }
}

interface Streams {
  /** Takes in what was written since; true when there was something. */
  pump(): boolean;
  finish(): void;
}

/** Seconds of a clock that only goes forward. */
function seconds(): number {
  return performance.now() / 1000;
}

function followStreams(request: AttemptRequest, listener: AttemptListener, watchdog: Watchdog): Streams {
  const log = openMergedLog(request.mergedLog);
  const stdout = follow(join(request.directory, 'stdout.log'));
  const stderr = follow(join(request.directory, 'stderr.log'));
  const reader = driverLogReader();
  let number = 0;
  const states = new Map<Follower, string>();
  const take = (follower: Follower, final: boolean, hear: boolean): boolean => {
    let any = false;
    for (const text of follower.read(final)) {
      any = true;
      log.write(text);
      listener.line(text);
      watchdog.line(text, seconds());
      if (!hear) continue;
      number += 1;
      const heard = reader.read({ text, number });
      if (heard.event === null && heard.closed === null) continue;
      if (heard.event?.event !== 'progress') watchdog.step(seconds());
      listener.heard(heard, log.lines);
    }
    // A progress bar that moves is progress, though its line has no end yet.
    const state = follower.pending();
    if (state !== (states.get(follower) ?? '')) watchdog.line(state, seconds());
    states.set(follower, state);
    return any;
  };
  const pump = (final = false) => {
    const said = take(stderr, final, false);
    return take(stdout, final, true) || said;
  };
  return {
    pump: () => pump(),
    finish: () => {
      pump(true);
      const closed = reader.end();
      if (closed !== null) listener.heard({ event: null, closed, unreadable: null }, log.lines);
      log.close();
      stdout.close();
      stderr.close();
    },
  };
}
