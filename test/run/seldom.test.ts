import { expect, test } from 'vitest';
import { seldom } from '../../src/run/seldom.ts';

function clocked(costs: readonly number[]) {
  const state = { time: 0, done: 0 };
  const action = async () => {
    state.time += costs[state.done] ?? 0;
    state.done += 1;
  };
  return { state, call: seldom(action, () => state.time) };
}

test('what took 2 s is done again after 40 s at the earliest', async () => {
  const { state, call } = clocked([2, 0, 0]);
  await call();
  expect(state).toEqual({ time: 2, done: 1 });
  state.time = 41;
  await call();
  expect(state.done).toBe(1);
  state.time = 42;
  await call();
  expect(state.done).toBe(2);
});

test('what costs nothing is done each time', async () => {
  const { state, call } = clocked([]);
  for (let i = 0; i < 5; i += 1) await call();
  expect(state.done).toBe(5);
});

test('however often it is asked for, it takes at most a 21st of the time and what its last one took', async () => {
  const { state, call } = clocked(Array.from({ length: 1000 }, (_, i) => 1 + (i % 3)));
  let spent = 0;
  for (let i = 0; i < 2000; i += 1) {
    const before = state.time;
    await call();
    spent += state.time - before;
    state.time += 0.5;
  }
  expect(spent).toBeLessThanOrEqual(state.time / 21 + 3);
});

test('that it failed is told, and the next time it is tried again', async () => {
  let time = 0;
  let fails = true;
  const call = seldom(
    async () => {
      if (fails) throw new Error('disk full');
    },
    () => time,
  );
  await expect(call()).rejects.toThrow('disk full');
  fails = false;
  time = 1;
  await call();
});
