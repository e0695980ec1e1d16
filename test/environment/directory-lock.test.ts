import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { lockHolder, withDirectoryLock } from '../../src/environment/directory-lock.ts';
import { REPOSITORY, temporaryDirectory } from './temporary.ts';

const quiet = { signal: new AbortController().signal, onWait: () => undefined };

test('four processes at once hold it one after the other', async () => {
  const directory = temporaryDirectory();
  const log = join(directory, 'log');
  const module = pathToFileURL(join(REPOSITORY, 'src/environment/directory-lock.ts')).href;
  const code = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    const { withDirectoryLock } = await import(${JSON.stringify(module)});
    await withDirectoryLock(process.argv[1], { signal: new AbortController().signal, onWait() {} }, async () => {
      appendFileSync(process.argv[2], 'in\\n');
      await setTimeout(100);
      appendFileSync(process.argv[2], 'out\\n');
    });`;
  const start = () =>
    spawn(process.execPath, ['--input-type=module', '-e', code, join(directory, 'lock'), log], { stdio: 'inherit' });
  const ends = await Promise.all([1, 2, 3, 4].map(async () => (await once(start(), 'exit'))[0]));
  expect(ends).toEqual([0, 0, 0, 0]);
  expect(readFileSync(log, 'utf8')).toBe('in\nout\n'.repeat(4));
  expect(existsSync(join(directory, 'lock'))).toBe(false);
});

test('the lock of a dead process is taken over, and one whose number came back too', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  for (const holder of [
    { pid: 2 ** 22 + 1, started: '1', host: hostname() },
    { pid: process.pid, started: 'long ago', host: hostname() },
  ]) {
    mkdirSync(lock);
    writeFileSync(join(lock, 'holder'), JSON.stringify(holder));
    expect(await withDirectoryLock(lock, quiet, async () => 'done')).toBe('done');
  }
});

test('the lock of another host is waited for, said once, until the user gives up', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  mkdirSync(lock);
  writeFileSync(join(lock, 'holder'), JSON.stringify({ pid: 1, started: '1', host: 'another-host' }));
  const controller = new AbortController();
  const said: string[] = [];
  const waiting = withDirectoryLock(
    lock,
    {
      signal: controller.signal,
      onWait: (description) => {
        said.push(description);
        controller.abort(new Error('enough'));
      },
    },
    async () => 'never',
  );
  await expect(waiting).rejects.toThrow();
  expect(said).toEqual([`process 1 on another-host holds ${lock}`]);
  expect(existsSync(lock)).toBe(true);
});

test('it is released when the action fails', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  const failing = withDirectoryLock(lock, quiet, async () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(lock)).toBe(false);
});

test('whoever only looks is told who holds it, and whether that process lives', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  expect(await lockHolder(lock, new Date())).toBeNull();
  const here = { pid: process.pid, host: hostname() };
  await withDirectoryLock(lock, quiet, async () => {
    expect(await lockHolder(lock, new Date())).toEqual({ ...here, alive: true });
  });
  mkdirSync(lock);
  // Its holder is about to sign.
  expect(await lockHolder(lock, new Date())).toBeNull();
  const signed = (holder: object) => writeFileSync(join(lock, 'holder'), JSON.stringify(holder));
  signed({ ...here, started: 'long ago' });
  expect(await lockHolder(lock, new Date())).toEqual({ ...here, alive: false });
  signed({ pid: 1, started: '1', host: 'another-host' });
  expect(await lockHolder(lock, new Date())).toEqual({ pid: 1, host: 'another-host', alive: null });
});

test('a process that is dead and was not waited for holds nothing', async () => {
  const lock = join(temporaryDirectory(), 'lock');
  // sleep takes the place of the shell before the child ends, and never waits for it.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 30'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [pid] = (await once(parent.stdout, 'data')).map((text) => Number(String(text)));
    const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    await expect.poll(() => stat()[0], { timeout: 10_000 }).toBe('Z');
    mkdirSync(lock);
    writeFileSync(join(lock, 'holder'), JSON.stringify({ pid, started: stat()[19], host: hostname() }));
    expect(await lockHolder(lock, new Date())).toMatchObject({ pid, alive: false });
    expect(await withDirectoryLock(lock, quiet, async () => 'done')).toBe('done');
  } finally {
    parent.kill('SIGKILL');
  }
});

describe('the holder is in another container of this host, where its number means another process', () => {
  const holder = { pid: process.pid, started: 'long ago', host: hostname(), namespace: 'pid:[1]' };

  /** A lock that is so many seconds old, and what a waiter is told before it gives up. */
  async function waitFor(secondsAgo: number, signed: object = holder): Promise<{ lock: string; said: string }> {
    const lock = join(temporaryDirectory(), 'lock');
    mkdirSync(lock);
    writeFileSync(join(lock, 'holder'), JSON.stringify(signed));
    const then = Date.now() / 1000 - secondsAgo;
    utimesSync(join(lock, 'holder'), then, then);
    const onWait = (description: string) => {
      throw new Error(description);
    };
    const said = await withDirectoryLock(lock, { ...quiet, onWait }, async () => 'ours').catch(String);
    return { lock, said };
  }

  test('it is waited for while it gives signs of life, whatever process has its number here', async () => {
    const { lock, said } = await waitFor(60);
    expect(said).toBe(`Error: process ${process.pid} on ${hostname()}, in another container, holds ${lock}`);
    expect(JSON.parse(readFileSync(join(lock, 'holder'), 'utf8'))).toEqual(holder);
    expect(await lockHolder(lock, new Date())).toEqual({ pid: process.pid, host: hostname(), alive: null });
  });

  test('it is dead when it has been silent for minutes', async () => {
    expect((await waitFor(600)).said).toBe('ours');
    const { lock } = await waitFor(60);
    const later = new Date(Date.now() + 600_000);
    expect(await lockHolder(lock, later)).toMatchObject({ alive: false });
  });

  test('on another host nobody is, however long it was silent', async () => {
    expect((await waitFor(1e6, { ...holder, host: 'another-host' })).said).toContain('on another-host holds');
  });

  test('in this container silence tells nothing: the process is there to be seen', async () => {
    const started = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ')[19];
    const { lock, said } = await waitFor(1e6, { ...holder, started, namespace: readlinkSync('/proc/self/ns/pid') });
    expect(said).toBe(`Error: process ${process.pid} on ${hostname()} holds ${lock}`);
  });

  test('signs of life come every 10 s, and the signature stays', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const lock = join(temporaryDirectory(), 'lock');
    const signature = join(lock, 'holder');
    await withDirectoryLock(lock, quiet, async () => {
      const before = readFileSync(signature, 'utf8');
      utimesSync(signature, 1, 1);
      vi.advanceTimersByTime(9_999);
      expect(vi.getTimerCount()).toBe(1);
      expect(statSync(signature).mtimeMs).toBe(1000);
      vi.advanceTimersByTime(1);
      await expect.poll(() => Date.now() - statSync(signature).mtimeMs).toBeLessThan(60_000);
      expect(readFileSync(signature, 'utf8')).toBe(before);
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a holder that wakes up after its lock was taken over leaves it to the other, and gives it no signs', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const lock = join(temporaryDirectory(), 'lock');
    await withDirectoryLock(lock, quiet, async () => {
      rmSync(lock, { recursive: true });
      mkdirSync(lock);
      writeFileSync(join(lock, 'holder'), JSON.stringify(holder));
      utimesSync(join(lock, 'holder'), 1, 1);
      vi.advanceTimersByTime(20_000);
    });
    expect(JSON.parse(readFileSync(join(lock, 'holder'), 'utf8'))).toEqual(holder);
    expect(statSync(join(lock, 'holder')).mtimeMs).toBe(1000);
  });
});
