import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MarkedProcess, markedProcesses, startOf } from './processes.ts';

export interface SweepOptions {
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

/**
 * Ends every live process whose environment carries one of the markers: what launches have left behind, also those of
 * an orchestrator that was killed. A marker is a random UUID, so it is proof whatever the clock says; the start time is
 * read again right before each signal: a process id that came back is somebody else's.
 */
export async function sweepMarkers(markers: readonly string[], options: SweepOptions = {}): Promise<Swept> {
  const { politely = true, patienceSeconds = 12, killSeconds = 5, proc } = options;
  const kill = options.kill ?? ((pid, signal) => process.kill(pid, signal));
  const seen = new Set<string>();
  const look = () => {
    const found = markedProcesses(markers, proc);
    for (const { pid, start } of found) seen.add(`${pid} ${start}`);
    return found;
  };
  const signal = (processes: readonly MarkedProcess[], name: NodeJS.Signals) => {
    for (const { pid, start } of processes) if (startOf(pid, proc) === start) attempt(() => kill(pid, name));
  };

  let left: readonly MarkedProcess[] = look();
  if (politely) signal(left, 'SIGTERM');
  left = await untilGone(look, () => undefined, left, patienceSeconds);
  left = await untilGone(look, (those) => signal(those, 'SIGKILL'), left, killSeconds);
  const leftBehind = left.map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`);
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
