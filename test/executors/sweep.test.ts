import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MARKER_VARIABLE } from '../../src/executors/executor.ts';
import { markedProcesses, startOf } from '../../src/executors/processes.ts';
import { sweepMarkers } from '../../src/executors/sweep.ts';
import { emptyFolder } from '../journal/folder.ts';
import { until } from './launches.ts';

/** A live process that carries a marker, in a session of its own. */
async function marked(marker: string, command: string): Promise<number> {
  const child = spawn('/bin/sh', ['-c', command], {
    ...{ detached: true, stdio: 'ignore', env: { PATH: process.env['PATH'], [MARKER_VARIABLE]: marker } },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const pid = child.pid ?? 0;
  await until(() => markedProcesses([marker]).some((process) => process.pid === pid));
  return pid;
}

const DEAF = "trap '' TERM; while :; do sleep 0.05; done";

describe.runIf(process.platform === 'linux')('processes that carry a marker', () => {
  test('are ended, those of several launches at once, and nobody else', async () => {
    const [one, two, other] = [randomUUID(), randomUUID(), randomUUID()];
    const pids = [await marked(one, 'exec sleep 600'), await marked(two, DEAF)];
    const stranger = await marked(other, 'exec sleep 600');
    const { ended, leftBehind } = await sweepMarkers([one, two], { patienceSeconds: 0.3 });
    // The deaf one has a sleep as a child at most moments, and a new one after each.
    expect(ended).toBeGreaterThanOrEqual(2);
    expect(leftBehind).toEqual([]);
    expect(pids.map((pid) => startOf(pid))).toEqual([null, null]);
    expect(startOf(stranger)).not.toBeNull();
  });

  test('are told to end first, and may do so in order', async () => {
    const [marker, folder] = [randomUUID(), emptyFolder()];
    const file = join(folder, 'order');
    await marked(marker, `trap 'echo in order >${file}; exit' TERM; touch ${file}; while :; do sleep 0.05; done`);
    await until(() => existsSync(file));
    expect((await sweepMarkers([marker])).leftBehind).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('in order\n');
  });

  test('and none are not waited for', async () => {
    const begin = performance.now();
    expect(await sweepMarkers([randomUUID()])).toEqual({ ended: 0, leftBehind: [] });
    expect(await sweepMarkers([])).toEqual({ ended: 0, leftBehind: [] });
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

describe('with a /proc of the test', () => {
  test('one that is killed and does not go is told of', async () => {
    const proc = emptyFolder();
    const marker = randomUUID();
    enter(proc, { pid: 41, marker, state: 'D', start: 7, command: 'VLLM::Worker_TP0' });
    const signals: string[] = [];
    const kill = (pid: number, signal: string) => signals.push(`${pid} ${signal}`);
    const options = { proc, kill, patienceSeconds: 0.15, killSeconds: 0.25 };
    expect(await sweepMarkers([marker], options)).toEqual({ ended: 0, leftBehind: ['41 VLLM::Worker_TP0'] });
    expect([signals[0], new Set(signals)]).toEqual(['41 SIGTERM', new Set(['41 SIGTERM', '41 SIGKILL'])]);
  });

  test('one whose number came back as another process is not signalled', async () => {
    const proc = emptyFolder();
    const marker = randomUUID();
    for (const pid of [41, 42]) enter(proc, { pid, marker, state: 'S', start: 7, command: 'engine' });
    const signals: string[] = [];
    const kill = (pid: number, signal: string) => {
      signals.push(`${pid} ${signal}`);
      rmSync(join(proc, String(pid)), { recursive: true });
      // Between the look and the second signal, 42 has ended, and a process of somebody else got its number.
      if (pid === 41) enter(proc, { pid: 42, marker: 'other', state: 'S', start: 8, command: 'editor' });
    };
    expect(await sweepMarkers([marker], { proc, kill })).toEqual({ ended: 2, leftBehind: [] });
    expect(signals).toEqual(['41 SIGTERM']);
  });

  test('a zombie is nobody, and a name may hold anything', () => {
    const proc = emptyFolder();
    enter(proc, { pid: 41, marker: 'm', state: 'Z', start: 7, command: 'gone', name: 'gone' });
    enter(proc, { pid: 42, marker: 'm', state: 'S', start: 9, command: 'odd', name: 'a) Z 1 (b' });
    expect(markedProcesses(['m'], proc)).toEqual([{ pid: 42, marker: 'm', start: 9, command: 'odd' }]);
  });
});

interface Entry {
  readonly pid: number;
  readonly marker: string;
  readonly state: string;
  readonly start: number;
  readonly command: string;
  readonly name?: string;
}

/** What proc(5) says of a process. Of stat, field 3 is the state and field 22 the start; nobody looks at the others. */
function enter(proc: string, { pid, marker, state, start, command, name = 'program' }: Entry): void {
  const folder = join(proc, String(pid));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'environ'), `A=1\0${MARKER_VARIABLE}=${marker}\0B=2\0`);
  writeFileSync(join(folder, 'cmdline'), `${command}\0`);
  writeFileSync(join(folder, 'stat'), `${pid} (${name}) ${state} ${Array(18).fill(0).join(' ')} ${start} 0 0\n`);
}
