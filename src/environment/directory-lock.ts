import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who holds a lock. A process number comes back after a while; together with its start time it does not. */
interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
}

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once when somebody else holds it. */
  onWait(description: string): void;
}

const POLL_MILLISECONDS = 200;
/** A lock without a holder after this many looks: its maker died before it could sign. */
const UNSIGNED_LOOKS = 50;

/**
 * Runs `action` while no other process holds the folder `path`. Making a folder is atomic on every file system; the lock
 * of a dead process of this host is taken over, one of another host never, since its processes cannot be seen.
 */
export async function withDirectoryLock<T>(path: string, options: LockOptions, action: () => Promise<T>): Promise<T> {
  await take(path, options);
  try {
    return await action();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function take(path: string, { signal, onWait }: LockOptions): Promise<void> {
  for (let looks = 0; !(await makeFolder(path)); looks += 1) {
    signal.throwIfAborted();
    const holder = await readHolder(path);
    if (await isStale(holder, looks)) {
      await breakLock(path, holder, looks);
      continue;
    }
    if (looks === 2) onWait(`process ${holder?.pid ?? '?'} on ${holder?.host ?? 'this host'} holds ${path}`);
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
  const self: Holder = { pid: process.pid, started: (await startOf(process.pid)) ?? '', host: hostname() };
  await writeFile(join(path, 'holder'), JSON.stringify(self));
}

/** One waiter alone removes a stale lock: the one that makes the folder inside, if the lock is still the dead one's. */
async function breakLock(path: string, dead: Holder | null, looks: number): Promise<void> {
  const claim = join(path, 'breaking');
  if (!(await makeFolder(claim).catch(() => false))) {
    await sleep(POLL_MILLISECONDS);
    return;
  }
  const holder = await readHolder(path);
  if (holder?.pid === dead?.pid && (await isStale(holder, looks))) await rm(path, { recursive: true, force: true });
  else await rmdir(claim).catch(() => undefined);
}

async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(holder: Holder | null, looks: number): Promise<boolean> {
  if (holder === null) return looks >= UNSIGNED_LOOKS;
  return holder.host === hostname() && (await startOf(holder.pid)) !== holder.started;
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const { pid, started, host } = JSON.parse(await readFile(join(path, 'holder'), 'utf8'));
    return { pid: Number(pid), started: String(started), host: String(host) };
  } catch {
    return null;
  }
}

/** When a process started, in a form that only has to be compared; null when there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets and may hold anything; starttime is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
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
