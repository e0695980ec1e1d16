import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Ended, LaunchRequest, StopReason } from '../../src/executors/executor.ts';
import { localExecutor } from '../../src/executors/local.ts';
import { emptyFolder } from '../journal/folder.ts';

export const CANCELLED: StopReason = { kind: 'cancelled' };
/** Variables that a program needs to find the commands that it calls. */
export const PATH = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };

/** The executor as the tests use it. */
export function executor() {
  return localExecutor({ graceSeconds: 2, stragglerSeconds: 3 });
}

function program(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url));
}

/** A launch of a program of fixtures/programs in an empty folder. */
export function requestOf(
  name: string,
  args: readonly string[] = [],
  changes: Partial<LaunchRequest> = {},
): LaunchRequest {
  return {
    attempt: '1_test',
    file: '/bin/sh',
    args: [program(name), ...args],
    env: PATH,
    directory: emptyFolder(),
    marker: randomUUID(),
    gpus: [],
    ...changes,
  };
}

/** Runs a launch to its end. */
export async function ended(request: LaunchRequest, signal = new AbortController().signal): Promise<Ended> {
  const local = executor();
  return local.wait(await local.start(request), signal);
}

/** Runs a launch, and stops it once it has printed a line. */
export async function stopped(request: LaunchRequest, reason: StopReason): Promise<Ended> {
  const stop = new AbortController();
  const end = ended(request, stop.signal);
  await until(() => streamOf(request, 'stdout') !== '');
  stop.abort(reason);
  return end;
}

export function streamOf({ directory }: LaunchRequest, stream: 'stdout' | 'stderr'): string {
  const path = join(directory, `${stream}.log`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

export async function until(happened: () => boolean, seconds = 10): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!happened()) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s`);
    await sleep(20);
  }
}
