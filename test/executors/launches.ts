import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import type { Ended, LaunchRequest, StopReason } from '../../src/executors/executor.ts';
import { localExecutor } from '../../src/executors/local.ts';
import { markedProcesses, startOf } from '../../src/executors/processes.ts';
import type { Keeper } from '../../src/executors/spawn.ts';
import { emptyFolder } from '../journal/folder.ts';
import { KEEPER } from './keeper.ts';

export const CANCELLED: StopReason = { kind: 'cancelled' };
/** Variables that a program needs to find the commands that it calls, and the keeper to find the temporary folder. */
export const PATH = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', TMPDIR: tmpdir() };

/** The executor as the tests use it. */
export function executor(keeper: Keeper | null = KEEPER) {
  return localExecutor({ keeper, graceSeconds: 2, stragglerSeconds: 3, keeperSeconds: 2 });
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

/** A launch of leaves-behind.py, of which nothing is left after the test, whatever becomes of it. */
export function leavesBehind(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  then: 'ends' | 'stays' | 'deaf',
  ...traits: readonly string[]
): LaunchRequest {
  const args = ['-S', program('leaves-behind.py'), then, ...traits];
  const request = requestOf('', [], { file: KEEPER.python, args, directory: emptyFolder(onTestFinished) });
  onTestFinished(() => {
    const pids = [...markedProcesses([request.marker]).map(({ pid }) => pid), childOf(request)];
    for (const pid of pids) if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return request;
}

/** The process that leaves-behind.py says it has. */
export function childOf(request: LaunchRequest): number {
  return Number(/^ready (\d+)$/m.exec(streamOf(request, 'stdout'))?.[1]);
}

export function isAlive(pid: number): boolean {
  return startOf(pid) !== null;
}

/** Runs a launch to its end. */
export async function ended(
  request: LaunchRequest,
  signal = new AbortController().signal,
  keeper: Keeper | null = KEEPER,
): Promise<Ended> {
  const local = executor(keeper);
  return local.wait(await local.start(request), signal);
}

/** Runs a launch, and stops it once it has printed a line. */
export async function stopped(
  request: LaunchRequest,
  reason: StopReason,
  keeper: Keeper | null = KEEPER,
): Promise<Ended> {
  const stop = new AbortController();
  const end = ended(request, stop.signal, keeper);
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
