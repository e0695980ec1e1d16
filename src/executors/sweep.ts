import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MarkedProcess, markedProcesses, startOf } from './processes.ts';

export interface SweepOptions {
  /** When the first of the launches began: a process that is older cannot be theirs. */
  readonly since?: Date | null;
  /** Told to end first (SIGTERM), or only waited for. */
  readonly politely?: boolean;
  /** How long they may take, before they are killed; by default longer than a keeper without orchestrator takes. */
  readonly patienceSeconds?: number;
  /** How long killed ones may take to go. */
  readonly killSeconds?: number;
  /** Where the kernel tells of processes, and how one is signalled. */
  readonly proc?: string;
  readonly kill?: (pid: number, signal: NodeJS.Signals) => unknown;
}

export interface Swept {
  /** Processes that were found and are gone. */
  readonly ended: number;
  /** Processes that would not go, in words. */
  readonly leftBehind: readonly string[];
}

/** Clocks are set, and the file system's is not the kernel's. */
const CLOCK_SLACK_MS = 60_000;
const TICKS_PER_SECOND = 100; // sysconf(_SC_CLK_TCK) of Linux on every machine that vLLM runs on

/**
 * Ends every live process whose environment carries one of the markers: what launches have left behind, also those of
 * an orchestrator that was killed. A process is known by marker and start time, which is read again right before each
 * signal: a process id that came back is somebody else's.
 */
export async function sweepMarkers(markers: readonly string[], options: SweepOptions = {}): Promise<Swept> {
  const { since = null, politely = true, patienceSeconds = 12, killSeconds = 5, proc } = options;
  const kill = options.kill ?? ((pid, signal) => process.kill(pid, signal));
  const seen = new Set<string>();
  const look = () => {
    const found = markedProcesses(markers, proc);
    for (const { pid, start } of found) seen.add(`${pid} ${start}`);
    return found;
  };
  const ours = () => look().filter((process) => !isOlder(process, since, proc));
  const signal = (processes: readonly MarkedProcess[], name: NodeJS.Signals) => {
    for (const { pid, start } of processes) if (startOf(pid, proc) === start) attempt(() => kill(pid, name));
  };

  let left: readonly MarkedProcess[] = ours();
  if (politely) signal(left, 'SIGTERM');
  left = await untilGone(ours, () => undefined, left, patienceSeconds);
  left = await untilGone(ours, (those) => signal(those, 'SIGKILL'), left, killSeconds);
  const leftBehind = look().map((process) => inWords(process, isOlder(process, since, proc)));
  if (leftBehind.length === 0) for (const marker of markers) removeFolder(marker);
  return { ended: seen.size - leftBehind.length, leftBehind };
}

/** Name, below the temporary folder, of the place for the sockets of a launch. */
export function socketFolder(marker: string): string {
  return `orchestrate-${marker}`;
}

async function untilGone(
  look: () => readonly MarkedProcess[],
  meanwhile: (left: readonly MarkedProcess[]) => void,
  found: readonly MarkedProcess[],
  seconds: number,
): Promise<readonly MarkedProcess[]> {
  const deadline = performance.now() + seconds * 1000;
  let left = found;
  while (left.length > 0 && performance.now() < deadline) {
    meanwhile(left);
    await sleep(100);
    left = look();
  }
  return left;
}

/** Started before the launches; told against this process, whose start both clocks know. */
function isOlder({ start }: MarkedProcess, since: Date | null, proc: string | undefined): boolean {
  const own = startOf(process.pid, proc);
  if (since === null || own === null) return false;
  const startedAt = performance.timeOrigin + ((start - own) * 1000) / TICKS_PER_SECOND;
  return startedAt < since.getTime() - CLOCK_SLACK_MS;
}

function inWords({ pid, command }: MarkedProcess, older: boolean): string {
  const note = older ? ' (older than the launch whose mark it carries, so left alone)' : '';
  return `${pid} ${command.slice(0, 120)}${note}`;
}

/** What a keeper that was killed could not remove. The marker may come from a file: it must not name another place. */
function removeFolder(marker: string): void {
  if (!/^[\da-f-]{36}$/.test(marker)) return;
  attempt(() => rmSync(join(tmpdir(), socketFolder(marker)), { recursive: true, force: true }));
}

function attempt(action: () => unknown): void {
  try {
    action();
  } catch {
    // gone already, which is what was wanted; or not ours to end, and then it is among those left behind
  }
}
