import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Outcome } from '../schema/outcome.ts';
import { type Ended, type Executor, type LaunchRequest, MARKER_VARIABLE, type StopReason } from './executor.ts';
import { markedProcesses } from './processes.ts';

export interface LocalHandle {
  readonly pid: number | null;
  readonly marker: string;
}

/** How long a launch may take to go. */
interface Patience {
  /** How long an engine may take to end in order before it is killed: vLLM gives its own workers 5 to 10 s. */
  readonly graceSeconds: number;
  /** After the driver has ended, how long its engine core and workers may still need. */
  readonly stragglerSeconds: number;
}
const PATIENCE: Patience = { graceSeconds: 20, stragglerSeconds: 10 };

/**
 * Runs a launch on this host, in a session of its own: Ctrl-C at the terminal reaches the orchestrator only. Streams go
 * straight from the process into files, so evidence is complete whatever happens to the orchestrator. The process holds
 * the reading end of a pipe of ours as stdin: when we die, it reads the end and stops.
 */
export function localExecutor(patience = PATIENCE): Executor<LocalHandle> {
  const running = new Map<string, Running>();
  return {
    id: 'local',
    start: async (request) => {
      const child = spawn(request);
      running.set(request.marker, child);
      return { pid: child.pid ?? null, marker: request.marker };
    },
    wait: async (handle, signal) => {
      const child = running.get(handle.marker);
      if (child === undefined)
        return { outcome: { kind: 'lost', reason: 'started by another orchestrator' }, leftBehind: [] };
      try {
        return await waitFor(child, handle, signal, patience);
      } finally {
        running.delete(handle.marker);
      }
    },
  };
}

type Running = ReturnType<typeof spawn>;

function spawn(request: LaunchRequest) {
  const stdout = openSync(join(request.directory, 'stdout.log'), 'a');
  const stderr = openSync(join(request.directory, 'stderr.log'), 'a');
  try {
    return execa(request.file, [...request.args], {
      cwd: request.directory,
      env: { ...request.env, [MARKER_VARIABLE]: request.marker },
      extendEnv: false,
      stdin: 'pipe',
      // execa's types name the first few file descriptors only; at run time any number goes straight to the process.
      stdout: stdout as 3,
      stderr: stderr as 4,
      detached: true,
      buffer: false,
      reject: false,
      // We end the whole process group ourselves, in order; execa would only kill the leader when we exit.
      cleanup: false,
    });
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

async function waitFor(child: Running, handle: LocalHandle, signal: AbortSignal, patience: Patience): Promise<Ended> {
  let stopped: StopReason | null = null;
  const stop = () => {
    stopped = signal.reason as StopReason;
    void end(handle, patience.graceSeconds);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const result = await child;
  signal.removeEventListener('abort', stop);
  const leftBehind = await sweep(handle, patience.stragglerSeconds);
  return { outcome: outcomeOf(result, stopped), leftBehind };
}

function outcomeOf(result: Awaited<Running>, stopped: StopReason | null): Outcome {
  // Order matters: a process that timed out or was cancelled also died of a signal or exited with a code.
  if (stopped !== null) return stopped;
  if (result.signal !== undefined) return { kind: 'signalled', signal: result.signal };
  if (result.exitCode !== undefined) return { kind: 'exited', exitCode: result.exitCode };
  return { kind: 'not-started', reason: result.originalMessage ?? result.shortMessage ?? 'unknown reason' };
}

/** SIGTERM to the whole group, and SIGKILL when it has not ended in time. */
async function end(handle: LocalHandle, graceSeconds: number): Promise<void> {
  killGroup(handle.pid, 'SIGTERM');
  const deadline = performance.now() + graceSeconds * 1000;
  while (performance.now() < deadline) {
    if (!alive(handle.pid)) return;
    await sleep(100);
  }
  killGroup(handle.pid, 'SIGKILL');
}

/** Ends what the driver left: waits a little, then kills every process that carries the marker. */
async function sweep(handle: LocalHandle, stragglerSeconds: number): Promise<string[]> {
  const deadline = performance.now() + stragglerSeconds * 1000;
  while (markedProcesses(handle.marker).length > 0 && performance.now() < deadline) await sleep(100);
  for (let round = 0; round < 20; round += 1) {
    const left = markedProcesses(handle.marker);
    if (left.length === 0) return [];
    for (const { pid } of left) kill(pid, 'SIGKILL');
    await sleep(100);
  }
  return markedProcesses(handle.marker).map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`);
}

function alive(pid: number | null): boolean {
  return pid !== null && kill(pid, 0);
}

function killGroup(pid: number | null, signal: NodeJS.Signals): void {
  if (pid !== null) kill(-pid, signal);
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // gone already, which is what was wanted
  }
}
