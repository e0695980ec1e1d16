import { randomInt } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BEAT_MILLISECONDS,
  type Holder,
  isAlive,
  isNumberedHere,
  isSame,
  ownHolder,
  readHolder,
  SIGNATURE,
  type SignedHolder,
} from './lock-holder.ts';

/** A process as its lock names it. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** Null for a process of another host or container, which cannot be seen from here. */
  readonly alive: boolean | null;
}

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once when somebody else holds it. */
  onWait(description: string): void;
}

const POLL_MILLISECONDS = 200;

/**
 * Runs `action` while no other process holds the folder `path`. The folder comes and goes with its holder's name in it,
 * by a rename: whenever a process is killed, the lock is either signed or not there. The lock of a dead process of this
 * host is taken over, one of another host never, since its processes cannot be seen. Those of another container of this
 * host cannot either: its lock is taken over when it has given no sign of life for minutes. So a holder that was
 * suspended for long may wake up beside another one, and must look before it writes.
 */
export async function withDirectoryLock<T>(path: string, options: LockOptions, action: () => Promise<T>): Promise<T> {
  const self = await ownHolder();
  await take(path, self, options);
  try {
    const stop = await giveSigns(path);
    try {
      return await action();
    } finally {
      await stop();
    }
  } finally {
    // It may have been taken over meanwhile.
    if (isSame(await readHolder(path), self)) await remove(path);
  }
}

/** Who holds a lock, for somebody who only looks; null for nobody, or somebody who is about to sign. */
export async function lockHolder(path: string, now: Date): Promise<LockHolder | null> {
  const holder = await readHolder(path);
  if (holder === null) return null;
  const { pid, host } = holder;
  return { pid, host, alive: await isAlive(holder, now.getTime()) };
}

async function take(path: string, self: Holder, { signal, onWait }: LockOptions): Promise<void> {
  for (let waits = 0; ; ) {
    const { taken, now } = await makeSigned(path, self);
    if (taken) return;
    signal.throwIfAborted();
    const holder = await readHolder(path);
    if ((await isStale(holder, now)) && (await breakLock(path, self))) continue;
    if (waits === 2) onWait(`${await described(holder)} holds ${path}`);
    waits += 1;
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
}

async function described(holder: Holder | null): Promise<string> {
  if (holder === null) return 'process ? on this host';
  const isElsewhere = holder.host === hostname() && !(await isNumberedHere(holder));
  return `process ${holder.pid} on ${holder.host}${isElsewhere ? ', in another container,' : ''}`;
}

/**
 * One waiter alone removes a stale lock: the one that makes the folder inside, if the lock still is stale. That folder
 * is a lock too, and may have been left by a waiter that was killed. True when it is worth to try again at once.
 */
async function breakLock(path: string, self: Holder): Promise<boolean> {
  const claim = join(path, 'breaking');
  const made = await makeSigned(claim, self).catch(() => null);
  if (made === null) return false;
  if (made.taken) await remove((await isStale(await readHolder(path), made.now)) ? path : claim);
  else if (await isStale(await readHolder(claim), made.now)) await remove(claim);
  else return false;
  return true;
}

/** Nobody's signature can be read: a power cut came before it was on the disk. */
async function isStale(holder: SignedHolder | null, now: number): Promise<boolean> {
  return holder === null || (await isAlive(holder, now)) === false;
}

/**
 * Not `taken` when it is held: a folder that is renamed takes the place of an empty one, and of no other, rename(2).
 * `now`: Unix time in milliseconds, by the clock of the file system, which is that of every sign of life too.
 */
async function makeSigned(path: string, self: Holder): Promise<{ readonly taken: boolean; readonly now: number }> {
  const own = besideOf(path);
  await rm(own, { recursive: true, force: true });
  await mkdir(own);
  try {
    const now = await sign(join(own, SIGNATURE), self);
    const taken = await rename(own, path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (!taken) await rm(own, { recursive: true, force: true });
    return { taken, now };
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
}

/** When it was signed, in milliseconds. */
async function sign(path: string, self: Holder): Promise<number> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(JSON.stringify(self));
    await file.sync();
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
  }
}

/**
 * Renews the time of the signature until the result is called. Through a file that stays open: a lock that was taken
 * over has another one.
 */
async function giveSigns(path: string): Promise<() => Promise<void>> {
  const file = await open(join(path, SIGNATURE), 'r+');
  // Its first byte once more; trouble with that is told by whatever else is written.
  const timer = setInterval(() => void file.write('{', 0).catch(() => undefined), BEAT_MILLISECONDS);
  timer.unref();
  return () => {
    clearInterval(timer);
    return file.close();
  };
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
/** By chance, since the process of another container or host may have the same number. */
let counter = randomInt(2 ** 47);
