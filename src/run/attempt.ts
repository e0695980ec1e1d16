import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { driverLogReader, type Heard } from '../../parsers/driver-log.ts';
import type { Ended, Executor, StopReason } from '../executors/executor.ts';
import { type Follower, follow } from '../journal/follow.ts';
import type { CommandSpec } from '../modes/mode.ts';
import { openMergedLog } from './merged-log.ts';

export interface AttemptRequest {
  readonly attempt: string;
  readonly directory: string;
  readonly command: CommandSpec;
  readonly env: Readonly<Record<string, string>>;
  readonly marker: string;
  /** Where both streams are merged. */
  readonly mergedLog: string;
  /** The longest that the engine's start, or one measurement, may take; null for no limit. */
  readonly stepSeconds: number | null;
}

export interface AttemptListener {
  /** The process runs; its handle can be journalled. */
  started(handle: unknown): void;
  line(text: string): void;
  /** What a line of the driver's stdout meant, and the number of the last line of the merged log. */
  heard(heard: Heard, mergedLine: number): void;
}

const POLL_MS = 100;

/**
 * One execution of a launch: starts it, follows what it writes, and ends when it has ended and everything that it wrote
 * was heard. Aborting the signal ends it early.
 */
export async function runAttempt<H>(
  request: AttemptRequest,
  executor: Executor<H>,
  listener: AttemptListener,
  signal: AbortSignal,
): Promise<Ended> {
  mkdirSync(request.directory, { recursive: true });
  for (const [name, content] of Object.entries(request.command.files))
    writeFileSync(join(request.directory, name), content);
  // A command that never gets as far as a first line leaves two empty files, not none.
  for (const stream of ['stdout.log', 'stderr.log']) writeFileSync(join(request.directory, stream), '', { flag: 'a' });
  const { file, args, env } = request.command;
  const handle = await executor.start({
    attempt: request.attempt,
    file,
    args,
    env: { ...request.env, ...env },
    directory: request.directory,
    marker: request.marker,
    gpus: [],
  });
  const stop = new AbortController();
  const cancel = () => stop.abort({ kind: 'cancelled' } satisfies StopReason);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const ending = executor.wait(handle, stop.signal);
  try {
    listener.started(handle);
    const streams = followStreams(request, listener);
    try {
      await pumpUntil(ending, streams, request.stepSeconds, stop);
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

/** Looks at the streams until the launch has ended; a step that takes too long stops it. */
async function pumpUntil(
  ending: Promise<unknown>,
  streams: Streams,
  stepSeconds: number | null,
  stop: AbortController,
): Promise<void> {
  let ended = false;
  const settled = ending.then(
    () => {
      ended = true;
    },
    () => {
      ended = true;
    },
  );
  let stepSince = performance.now();
  while (!ended) {
    if (streams.pump()) stepSince = performance.now();
    if (stepSeconds !== null && performance.now() - stepSince > stepSeconds * 1000 && !stop.signal.aborted) {
      stop.abort({ kind: 'timed-out', afterSeconds: stepSeconds } satisfies StopReason);
    }
    await Promise.race([settled, sleep(POLL_MS)]);
  }
}

interface Streams {
  /** Takes in what was written since; true when the driver reported a step. */
  pump(final?: boolean): boolean;
  finish(): void;
}

function followStreams(request: AttemptRequest, listener: AttemptListener): Streams {
  const log = openMergedLog(request.mergedLog);
  const stdout = follow(join(request.directory, 'stdout.log'));
  const stderr = follow(join(request.directory, 'stderr.log'));
  const reader = driverLogReader();
  let number = 0;
  const take = (follower: Follower, final: boolean, hear: boolean): boolean => {
    let step = false;
    for (const text of follower.read(final)) {
      log.write(text);
      listener.line(text);
      if (!hear) continue;
      number += 1;
      const heard = reader.read({ text, number });
      if (heard.event === null && heard.closed === null) continue;
      step = true;
      listener.heard(heard, log.lines);
    }
    return step;
  };
  const pump = (final = false) => {
    take(stderr, final, false);
    return take(stdout, final, true);
  };
  return {
    pump,
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
