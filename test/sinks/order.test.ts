import { basename, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';

/**
 * A kill of the process proves nothing about a power cut: what counts is the order in which the kernel is asked. So the
 * file system is replaced by one that works and keeps a list.
 */
const calls: string[] = [];
const names = new Map<number, string>();
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    openSync: (path: string, flags: string) => {
      const file = fs.openSync(path, flags);
      names.set(file, basename(path).replace(/^\..*\.partial$/, 'PARTIAL'));
      return file;
    },
    writeSync: (file: number, bytes: Uint8Array, ...rest: [number]) => {
      calls.push(`write ${names.get(file)}`);
      // One byte at a time, as a full pipe or a signal may have it.
      return fs.writeSync(file, bytes, rest[0], 1);
    },
    fsyncSync: (file: number) => {
      calls.push(`fsync ${names.get(file)}`);
      fs.fsyncSync(file);
    },
    renameSync: (from: string, to: string) => {
      calls.push(`rename ${basename(to)}`);
      fs.renameSync(from, to);
    },
  };
});

const { writeAtomically } = await import('../../src/sinks/directory.ts');
const { readFileSync, readdirSync } = await import('node:fs');

test('the file is flushed before it gets its name, and the folder after', () => {
  const around = emptyFolder();
  const folder = join(around, 'out');
  writeAtomically(join(folder, 'a.json'), 'abc');
  expect(calls).toEqual([
    // Its folder is new, and a new name is flushed too.
    `fsync ${basename(around)}`,
    ...['write PARTIAL', 'write PARTIAL', 'write PARTIAL', 'fsync PARTIAL'],
    ...['rename a.json', 'fsync out'],
  ]);
  expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('abc');
  expect(readdirSync(folder)).toEqual(['a.json']);
});
