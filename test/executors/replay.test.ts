import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { night, randomFrom } from '../../scripts/bench/nights.ts';
import { replayedNight } from '../../scripts/bench/replayed-night.ts';
import type { LaunchRequest } from '../../src/executors/executor.ts';
import { replayExecutor } from '../../src/executors/replay.ts';

const request = (attempt: string, gpus: readonly string[] = [], directory = ''): LaunchRequest => ({
  ...{ attempt, gpus, directory, marker: attempt, file: 'false', args: [], env: {} },
});
const SECONDS: Readonly<Record<string, number>> = { a: 3600, b: 60, c: 0.5 };
const executor = () => replayExecutor(({ attempt }) => SECONDS[attempt] ?? 0);
const never = new AbortController().signal;
const ENDED_WELL = { outcome: { kind: 'exited', exitCode: 0 }, leftBehind: [] };

test('an hour takes no time, and the clock is exact', async () => {
  const replay = executor();
  const [a, b] = [await replay.start(request('a', ['0', '1'])), await replay.start(request('b', ['2']))];
  const afterB = replay.wait(b, never).then(async (ended) => {
    expect(ended).toEqual(ENDED_WELL);
    expect(replay.now()).toBe(60);
    return replay.wait(await replay.start(request('c', ['2'])), never);
  });
  expect(await replay.wait(a, never)).toEqual(ENDED_WELL);
  await afterB;
  expect(replay.now()).toBe(3600);
  expect(replay.replayed).toEqual([
    { attempt: 'b', devices: ['2'], started: 0, ended: 60 },
    { attempt: 'c', devices: ['2'], started: 60, ended: 60.5 },
    { attempt: 'a', devices: ['0', '1'], started: 0, ended: 3600 },
  ]);
});

test('the clock stands while a launch is not waited for', async () => {
  const replay = executor();
  const b = await replay.start(request('b'));
  const a = await replay.start(request('a'));
  const ending = replay.wait(b, never);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(replay.now()).toBe(0);
  await Promise.all([ending, replay.wait(a, never)]);
  expect(replay.now()).toBe(3600);
});

test('a launch that is stopped ends when it is stopped, for that reason', async () => {
  const replay = executor();
  const stop = new AbortController();
  const [a, b] = [await replay.start(request('a')), await replay.start(request('b'))];
  const stopped = replay.wait(a, stop.signal);
  await replay.wait(b, never);
  stop.abort({ kind: 'stalled', afterSeconds: 60 });
  expect(await stopped).toEqual({ outcome: { kind: 'stalled', afterSeconds: 60 }, leftBehind: [] });
  expect(replay.replayed.at(-1)).toEqual({ attempt: 'a', devices: [], started: 0, ended: 60 });
  const late = await replay.start(request('a'));
  expect((await replay.wait(late, stop.signal)).outcome.kind).toBe('stalled');
});

test('a launch of another replay is lost', async () => {
  expect((await executor().wait({ attempt: 'a' }, never)).outcome.kind).toBe('lost');
});

test('leaves nothing that could be read as a measurement', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrate-replay-'));
  try {
    const replay = executor();
    await replay.wait(await replay.start(request('b', [], folder)), never);
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the run loop never gives a device to two launches, and carries all out', async () => {
  const tasks = night(randomFrom(7), 40);
  const replayed = await replayedNight(tasks, new Map(tasks.map(({ id, seconds }) => [id, seconds])));
  expect(replayed.map(({ attempt }) => attempt).toSorted()).toEqual(tasks.map(({ id }) => id).toSorted());
  for (const { started: at } of replayed) {
    const held = replayed.filter(({ started, ended }) => started <= at && at < ended).flatMap(({ devices }) => devices);
    expect(new Set(held).size).toBe(held.length);
  }
  for (const { attempt, devices } of replayed)
    expect(devices).toHaveLength(tasks.find(({ id }) => id === attempt)?.devices ?? 0);
});
