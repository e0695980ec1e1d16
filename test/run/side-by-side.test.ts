import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { DevicePool } from '../../src/devices/pool.ts';
import type { Task } from '../../src/plan/schedule.ts';
import { runSideBySide, type Turn } from '../../src/run/side-by-side.ts';

function task(id: string, devices: number, more: Partial<Task> = {}): Task {
  return { id, devices, seconds: 1, exclusive: false, ...more };
}

/** Carries tasks out by `work`, and says who held what, and who ran at once. */
async function carriedOut(
  tasks: readonly Task[],
  pool: DevicePool,
  work: (id: string, stop: AbortSignal, devices: readonly string[]) => Promise<Turn | undefined>,
) {
  const held = new Map<string, readonly string[]>();
  const atOnce: string[][] = [];
  const running = new Set<string>();
  const stop = new AbortController();
  const leftOut: string[] = [];
  const end = runSideBySide(tasks, {
    pool,
    signal: stop.signal,
    now: () => performance.now() / 1000,
    giveUp: () => stop.abort(),
    leaveOut: ({ id }) => leftOut.push(id),
    turn: async ({ id }, devices) => {
      running.add(id);
      held.set(id, devices);
      atOnce.push([...running].toSorted());
      try {
        return (await work(id, stop.signal, devices)) ?? null;
      } finally {
        running.delete(id);
      }
    },
  });
  return { end, held, atOnce, stop, leftOut };
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

describe('a launch that wants another turn', () => {
  const again = (afterSeconds: number, more: Partial<NonNullable<Turn>> = {}): Turn => ({
    ...{ afterSeconds, resting: [], lost: [] },
    ...more,
  });

  test('holds no devices while it pauses', async () => {
    const turns: string[] = [];
    const { end } = await carriedOut(
      [task('a', 1, { seconds: 2 }), task('b', 1)],
      new DevicePool(['0']),
      async (id) => {
        turns.push(id);
        return id === 'a' && turns.length === 1 ? again(0.1) : null;
      },
    );
    await end;
    expect(turns).toEqual(['a', 'b', 'a']);
  });

  test('gets others while its own rest, and its own when there are no others', async () => {
    const seen: string[] = [];
    const two = await carriedOut([task('a', 1)], new DevicePool(['0', '1']), async (_, _stop, devices) => {
      seen.push(...devices);
      return seen.length === 1 ? again(0, { resting: devices }) : null;
    });
    await two.end;
    const alone: string[] = [];
    const one = await carriedOut([task('a', 1)], new DevicePool(['0']), async (_, _stop, devices) => {
      alone.push(...devices);
      return alone.length === 1 ? again(0.05, { resting: devices }) : null;
    });
    await one.end;
    expect(alone).toEqual(['0', '0']);
    expect(seen).toHaveLength(2);
  });

  test('gets none that was lost, and is left out when too few are left', async () => {
    const pool = new DevicePool(['0', '1']);
    const used: string[] = [];
    const { end, leftOut } = await carriedOut([task('a', 1), task('wide', 2)], pool, async (id, _stop, devices) => {
      used.push(`${id} ${devices}`);
      return used.length === 1 ? again(0, { lost: devices.slice(0, 1) }) : null;
    });
    await end;
    expect(pool.size).toBe(1);
    expect(leftOut).toEqual(['wide']);
    const [first = '', ...later] = used;
    for (const turn of later) expect(turn.split(' ')[1]).not.toBe(first.split(' ')[1]?.split(',')[0]);
  });

  test('does not keep a stopped run waiting', async () => {
    const begin = performance.now();
    const { end, stop } = await carriedOut([task('a', 1)], new DevicePool(['0']), async () => again(60));
    setTimeout(() => stop.abort(), 50);
    await end;
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});
