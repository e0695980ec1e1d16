import { readFile, readlink, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseProcessStat } from '../schema/process-stat.ts';

/** Who holds a lock. A process number comes back after a while; together with its start time it does not. */
export interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
  /** Where the number counts: containers of one host have each their own. Null where none is told. */
  readonly namespace: string | null;
}

/** A holder as a lock names it. */
export interface SignedHolder extends Holder {
  /** Its latest sign of life: Unix time in milliseconds, by the clock of the file system. */
  readonly beatAt: number;
}

/** The file of a lock that has its holder; the time of the file is the holder's latest sign of life. */
export const SIGNATURE = 'holder';
export const BEAT_MILLISECONDS = 10_000;
/** After so long without a sign of life, a process that cannot be seen is taken for dead. */
const SILENCE_MILLISECONDS = 18 * BEAT_MILLISECONDS;

/** This process. */
export async function ownHolder(): Promise<Holder> {
  const [started, namespace] = await Promise.all([startOf(process.pid), ownNamespace()]);
  return { pid: process.pid, started: started ?? '', host: hostname(), namespace };
}

/** Null when nobody has signed. */
export async function readHolder(lock: string): Promise<SignedHolder | null> {
  try {
    const path = join(lock, SIGNATURE);
    const { pid, started, host, namespace } = JSON.parse(await readFile(path, 'utf8'));
    return {
      ...{ pid: Number(pid), started: String(started), host: String(host) },
      // Locks of older versions have none.
      namespace: typeof namespace === 'string' ? namespace : null,
      beatAt: (await stat(path)).mtimeMs,
    };
  } catch {
    return null;
  }
}

export function isSame(one: Holder | null, other: Holder | null): boolean {
  return (
    one?.pid === other?.pid &&
    one?.started === other?.started &&
    one?.host === other?.host &&
    one?.namespace === other?.namespace
  );
}

/**
 * Whether a holder lives; null for one that cannot be seen from here and is not known to be dead. That of another host
 * never is. That of another container on this host shares its clock, and is dead when it has been silent for long.
 * `now`: Unix time in milliseconds.
 */
export async function isAlive(holder: SignedHolder, now: number): Promise<boolean | null> {
  if (holder.host !== hostname()) return null;
  if (await isNumberedHere(holder)) return (await startOf(holder.pid)) === holder.started;
  return now - holder.beatAt > SILENCE_MILLISECONDS ? false : null;
}

/** Whether the number of this process of this host means the same process here. */
export async function isNumberedHere({ namespace }: Holder): Promise<boolean> {
  return namespace === null || namespace === (await ownNamespace());
}

async function ownNamespace(): Promise<string | null> {
  return readlink('/proc/self/ns/pid').catch(() => null);
}

/** When a process started, in a form that only has to be compared; null when there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const { ended, start } = parseProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
    // Dead, and not yet waited for: in a container whose first process never waits, for ever.
    return ended ? null : String(start ?? '');
  } catch {
    return hasNumber(pid) ? '' : null;
  }
}

/** For hosts without /proc. */
function hasNumber(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
