import { expect, test } from 'vitest';
import { atOnce, inSlices } from '../../src/run/slices.ts';

function* steps(count: number, milliseconds: number): Generator<undefined, number> {
  for (let i = 0; i < count; i += 1) {
    for (const end = performance.now() + milliseconds; performance.now() < end; );
    yield;
  }
  return count;
}

test('gives what the generator returns, at once or in slices', async () => {
  expect(atOnce(steps(3, 0))).toBe(3);
  expect(await inSlices(steps(3, 0))).toBe(3);
});

test('others have their turn meanwhile', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  // 100 steps of 2 ms are 20 slices of 10 ms; at least every other one must let a timer through.
  await inSlices(steps(100, 2));
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(10);
});

test('what a step throws is thrown', async () => {
  const failing = function* (): Generator<undefined, never> {
    yield;
    throw new Error('unreadable');
  };
  await expect(inSlices(failing())).rejects.toThrow('unreadable');
});
