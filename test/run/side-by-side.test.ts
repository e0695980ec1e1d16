import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { DevicePool } from '../../src/devices/pool.ts';
import type { RemainingLaunch } from '../../src/plan/remaining.ts';
import { type LaunchTask, runSideBySide } from '../../src/run/side-by-side.ts';

function task(id: string, devices: number, more: Partial<LaunchTask> = {}): LaunchTask {
  return {
    id,
    devices,
    seconds: 1,
    exclusive: false,
    remaining: { wanted: [] } as unknown as RemainingLaunch,
    ...more,
  };
}

/** Carries tasks out by `work`, and says who held what, and who ran at once. */
async function carriedOut(
  tasks: readonly LaunchTask[],
  pool: DevicePool,
  work: (id: string, stop: AbortSignal) => Promise<void>,
) {
  const held = new Map<string, readonly string[]>();
  const atOnce: string[][] = [];
  const running = new Set<string>();
  const stop = new AbortController();
  const ids = new Map(tasks.map(({ id, remaining }) => [remaining, id]));
  const end = runSideBySide(tasks, {
    pool,
    signal: stop.signal,
    now: () => performance.now() / 1000,
    giveUp: () => stop.abort(),
    carryOut: async (remaining, devices) => {
      const id = ids.get(remaining) ?? '';
      running.add(id);
      held.set(id, devices);
      atOnce.push([...running].toSorted());
      try {
        await work(id, stop.signal);
      } finally {
        running.delete(id);
      }
    },
  });
  return { end, held, atOnce, stop };
}

describe('launches side by side', () => {
  test('run at once when their devices suffice, on devices of their own', async () => {
    const pool = new DevicePool(['0', '1', '2', '3']);
    const { end, held, atOnce } = await carriedOut([task('a', 2), task('b', 1), task('c', 1)], pool, () => sleep(20));
    await end;
    expect(atOnce.at(-1)).toEqual(['a', 'b', 'c']);
    expect([...held.values()].flat().toSorted()).toEqual(['0', '1', '2', '3']);
    expect(pool.free).toBe(4);
  });

  test('wait for devices, and never hold more than there are', async () => {
    const pool = new DevicePool(['0', '1', '2', '3']);
    const tasks = [task('a', 4), task('b', 2), task('c', 2), task('d', 1), task('e', 3)];
    const { end, held, atOnce } = await carriedOut(tasks, pool, () => sleep(10));
    await end;
    const width = new Map(tasks.map(({ id, devices }) => [id, devices]));
    for (const ids of atOnce) expect(ids.reduce((sum, id) => sum + (width.get(id) ?? 0), 0)).toBeLessThanOrEqual(4);
    expect([...held].map(([id, devices]) => [id, devices.length])).toEqual(
      expect.arrayContaining(tasks.map(({ id, devices }) => [id, devices])),
    );
  });

  test('exclusive ones run alone', async () => {
    const tasks = [task('a', 1), task('alone', 1, { exclusive: true }), task('b', 1)];
    const { end, atOnce } = await carriedOut(tasks, new DevicePool(['0', '1', '2', '3']), () => sleep(10));
    await end;
    expect(atOnce.filter((ids) => ids.includes('alone'))).toEqual([['alone']]);
  });

  test('that are stopped start no other, and are waited for', async () => {
    const pool = new DevicePool(['0']);
    const { end, held, stop } = await carriedOut([task('a', 1), task('b', 1)], pool, () => sleep(50));
    stop.abort();
    await end;
    expect(held.size).toBe(1);
    expect(pool.free).toBe(1);
  });

  test('that throw end the others, and what was thrown first is thrown', async () => {
    const pool = new DevicePool(['0', '1']);
    const first = new Error('no space left');
    let calls = 0;
    const { end, held } = await carriedOut([task('a', 1), task('b', 1), task('c', 1)], pool, async (_, stop) => {
      calls += 1;
      if (calls === 1) throw first;
      while (!stop.aborted) await sleep(5);
      throw new Error('a later one');
    });
    await expect(end).rejects.toBe(first);
    expect(held.size).toBe(2);
    expect(pool.free).toBe(2);
  });
});
