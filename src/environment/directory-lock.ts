import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who holds a lock. A process number comes back after a while; together with its start time it does not. */
interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
}

/** A process as its lock names it. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** Null for a process of another host, which cannot be seen from here. */
  readonly alive: boolean | null;
}

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once when somebody else holds it. */
  onWait(description: string): void;
}

const POLL_MILLISECONDS = 200;

/**
 * Runs `action` while no other process holds the folder `path`. The folder comes and goes with its holder's name in it, by
 * a rename: whenever a process is killed, the lock is either signed or not there. The lock of a dead process of this
 * host is taken over, one of another host never, since its processes cannot be seen.
 */
export async function withDirectoryLock<T>(path: string, options: LockOptions, action: () => Promise<T>): Promise<T> {
  await take(path, options);
  try {
    return await action();
  } finally {
    await remove(path);
  }
}

/** Who holds a lock, for somebody who only looks; null for nobody, or somebody who is about to sign. */
export async function lockHolder(path: string): Promise<LockHolder | null> {
  const holder = await readHolder(path);
  if (holder === null) return null;
  const { pid, host } = holder;
  return { pid, host, alive: host === hostname() ? !(await isStale(holder)) : null };
}

async function take(path: string, { signal, onWait }: LockOptions): Promise<void> {
  for (let looks = 0; !(await makeSigned(path)); looks += 1) {
    signal.throwIfAborted();
    const holder = await readHolder(path);
    if (await isStale(holder)) {
      await breakLock(path, holder);
      continue;
    }
    if (looks === 2) onWait(`process ${holder?.pid ?? '?'} on ${holder?.host ?? 'this host'} holds ${path}`);
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
}

/**
 * One waiter alone removes a stale lock: the one that makes the folder inside, if the lock is still the dead one's. That
 * folder is a lock too, and may have been left by a waiter that was killed.
 */
async function breakLock(path: string, dead: Holder | null): Promise<void> {
  const claim = join(path, 'breaking');
  if (!(await makeSigned(claim).catch(() => false))) {
    if (await isStale(await readHolder(claim))) await remove(claim);
    else await sleep(POLL_MILLISECONDS);
    return;
  }
  const holder = await readHolder(path);
  await remove(holder?.pid === dead?.pid && (await isStale(holder)) ? path : claim);
}

/** False when it is held. A folder that is renamed takes the place of an empty one, and of no other: rename(2). */
async function makeSigned(path: string): Promise<boolean> {
  const own = besideOf(path);
  await rm(own, { recursive: true, force: true });
  await mkdir(own);
  try {
    const self: Holder = { pid: process.pid, started: (await startOf(process.pid)) ?? '', host: hostname() };
    const file = await open(join(own, 'holder'), 'w');
    try {
      await file.writeFile(JSON.stringify(self));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(own, path);
    return true;
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))
      return false;
    throw error;
  }
}

/** Out of the way first: somebody else may make it anew while its parts are removed. */
async function remove(path: string): Promise<void> {
  const own = besideOf(path);
  await rm(own, { recursive: true, force: true });
  try {
    await rename(path, own);
  } catch {
    return; // gone already, which is what was wanted
  }
  await rm(own, { recursive: true, force: true });
}

/** A name of this process's own, as `writeAtomically` makes them: what is left of it is removed by the next run. */
function besideOf(path: string): string {
  counter += 1;
  return join(dirname(path), `.${process.pid}.${counter}.partial`);
}
let counter = 1_000_000;

/** Nobody's signature can be read: a power cut came before it was on the disk. */
async function isStale(holder: Holder | null): Promise<boolean> {
  return holder === null || (holder.host === hostname() && (await startOf(holder.pid)) !== holder.started);
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const { pid, started, host } = JSON.parse(await readFile(join(path, 'holder'), 'utf8'));
    return { pid: Number(pid), started: String(started), host: String(host) };
  } catch {
    return null;
  }
}

/** Zombie and dead, as proc(5) has them. */
const ENDED_STATES = ['Z', 'X', 'x'];

/** When a process started, in a form that only has to be compared; null when there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets and may hold anything; the state follows, starttime is the 20th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Dead, and not yet waited for: in a container whose first process never waits, for ever.
    return ENDED_STATES.includes(fields[0] ?? '') ? null : (fields[19] ?? '');
  } catch {
    return isAlive(pid) ? '' : null;
  }
}

/** For hosts without /proc. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
