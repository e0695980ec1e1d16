import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { askProgram, DEVICE_SOURCES } from '../../src/devices/sources.ts';
import { emptyFolder } from '../journal/folder.ts';

function program(...lines: readonly string[]): string {
  const path = join(emptyFolder(), 'smi');
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}

describe('a program that is asked', () => {
  test('tells', async () => {
    expect(await askProgram(program('printf "%s\\n" "$@"'), ['topo', '-m'], 5000)).toEqual({
      kind: 'told',
      text: 'topo\n-m\n',
    });
  });

  test('is not there', async () => {
    expect(await askProgram(join(emptyFolder(), 'smi'), [], 5000)).toEqual({ kind: 'absent' });
  });

  test.each([
    { lines: ['echo "GPU is lost. Reboot" >&2', 'exit 15'], reason: /^\S*smi: GPU is lost. Reboot$/ },
    { lines: ['echo "No devices were found"', 'exit 6'], reason: /^\S*smi: No devices were found$/ },
    { lines: ['exit 9'], reason: /^\S*smi: ends with 9$/ },
    { lines: ['kill -9 $$'], reason: /^\S*smi: ends with SIGKILL$/ },
  ])('fails: $lines', async ({ lines, reason }) => {
    expect(await askProgram(program(...lines), [], 5000)).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(reason),
    });
  });

  // One that waits in the driver ignores every signal; here its child keeps stdout open after it was killed.
  test('hangs, and is left alone', async () => {
    const path = program('trap "" TERM INT HUP', '(trap "" TERM; sleep 3) &', 'sleep 3');
    const begin = performance.now();
    expect(await askProgram(path, [], 200)).toEqual({
      kind: 'silent',
      reason: expect.stringContaining('no answer within 0.2 s'),
    });
    expect(performance.now() - begin).toBeLessThan(1500);
  });

  // The orchestrator must be able to end although a program hangs in the driver.
  test('that hangs does not keep the process alive that asked', async () => {
    const path = program('trap "" TERM', '(trap "" TERM; sleep 5) &', 'sleep 5');
    const module = new URL('../../src/devices/sources.ts', import.meta.url).href;
    const script = `import(${JSON.stringify(module)}).then(async ({ askProgram }) => {
      console.log((await askProgram(${JSON.stringify(path)}, [], 100)).kind);
    })`;
    const begin = performance.now();
    const { stdout } = await execa(process.execPath, ['--eval', script]);
    expect(stdout).toBe('silent');
    expect(performance.now() - begin).toBeLessThan(4000);
  });
});

test('files that cannot be read are no exception', () => {
  const nowhere = join(emptyFolder(), 'nowhere');
  expect(DEVICE_SOURCES.list(nowhere)).toEqual([]);
  expect(DEVICE_SOURCES.read(nowhere)).toBeNull();
  expect(DEVICE_SOURCES.exists(nowhere)).toBe(false);
});
