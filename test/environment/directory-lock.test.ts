import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { withDirectoryLock } from '../../src/environment/directory-lock.ts';
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
