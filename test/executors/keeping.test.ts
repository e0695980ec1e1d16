import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import type { Ended, LaunchRequest } from '../../src/executors/executor.ts';
import { markedProcesses } from '../../src/executors/processes.ts';
import { emptyFolder } from '../journal/folder.ts';
import { CANCELLED, childOf, ended, executor, isAlive, leavesBehind, requestOf, streamOf, until } from './launches.ts';

/** The executor of these tests gives what a launch leaves behind 3 s; the machine may be busy. */
const PATIENCE_MS = 60_000;

/** 100 MB at once, and no end by itself. */
const FLOOD = 'yes ready | head -c 100000000; exec sleep 600';

interface Running {
  readonly request: LaunchRequest;
  readonly keeper: number;
  readonly stop: AbortController;
  readonly hurry: AbortController;
  readonly end: Promise<Ended>;
}

/** A launch once that says that it is ready. */
async function running(request: LaunchRequest): Promise<Running> {
  const [stop, hurry] = [new AbortController(), new AbortController()];
  const local = executor();
  const handle = await local.start(request);
  const end = local.wait(handle, stop.signal, hurry.signal);
  await until(() => streamOf(request, 'stdout').startsWith('ready'));
  return { request, keeper: handle.pid ?? 0, stop, hurry, end };
}

/** The process id of the command: the child of the keeper that is no sampler. */
function commandOf({ request, keeper }: Running): number {
  const children = readFileSync(`/proc/${keeper}/task/${keeper}/children`, 'utf8').trim().split(' ').map(Number);
  const commands = markedProcesses([request.marker]).filter(({ command }) => /leaves-behind\.py \w/.test(command));
  return commands.find(({ pid }) => children.includes(pid))?.pid ?? 0;
}

describe.runIf(process.platform === 'linux').concurrent('what a command leaves is ended, though it', () => {
  test.for([
    ['ignores SIGTERM', ['deaf']],
    ['is in another session', ['setsid', 'deaf']],
    ['has lost its parent twice', ['setsid', 'orphan', 'deaf']],
    ['has changed its title', ['setsid', 'orphan', 'title', 'deaf']],
    ['has cleared its environment', ['setsid', 'orphan', 'no-marker', 'deaf']],
  ] as const)('%s', { timeout: PATIENCE_MS }, async ([, traits], context) => {
    const { expect } = context;
    const { request, end } = await running(leavesBehind(context, 'ends', ...traits));
    expect(await end).toEqual({ outcome: { kind: 'exited', exitCode: 0 }, leftBehind: [] });
    expect(isAlive(childOf(request))).toBe(false);
    expect(markedProcesses([request.marker])).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux').concurrent('nothing is left of a launch', () => {
  test('whose driver is killed', { timeout: PATIENCE_MS }, async (context) => {
    const { expect } = context;
    const one = await running(leavesBehind(context, 'stays', 'setsid', 'orphan', 'no-marker', 'deaf'));
    process.kill(commandOf(one), 'SIGKILL');
    expect(await one.end).toEqual({ outcome: { kind: 'signalled', signal: 'SIGKILL' }, leftBehind: [] });
    expect(isAlive(childOf(one.request))).toBe(false);
  });

  test('whose keeper is killed: the driver reads the end, the others are found', {
    timeout: PATIENCE_MS,
  }, async (context) => {
    const { expect } = context;
    const one = await running(leavesBehind(context, 'stays', 'setsid', 'orphan', 'deaf'));
    process.kill(one.keeper, 'SIGKILL');
    expect(await one.end).toEqual({ outcome: { kind: 'signalled', signal: 'SIGKILL' }, leftBehind: [] });
    expect(isAlive(childOf(one.request))).toBe(false);
    expect(markedProcesses([one.request.marker])).toEqual([]);
  });

  test('whose keeper hangs', { timeout: PATIENCE_MS }, async (context) => {
    const { expect } = context;
    const one = await running(leavesBehind(context, 'deaf', 'setsid', 'orphan', 'deaf'));
    process.kill(one.keeper, 'SIGSTOP');
    one.stop.abort(CANCELLED);
    expect(await one.end).toEqual({ outcome: { kind: 'cancelled' }, leftBehind: [] });
    expect(isAlive(childOf(one.request))).toBe(false);
  });

  test('that is stopped and deaf, with a child that nothing marks', { timeout: PATIENCE_MS }, async (context) => {
    const { expect } = context;
    const one = await running(leavesBehind(context, 'deaf', 'setsid', 'orphan', 'no-marker', 'deaf'));
    one.stop.abort(CANCELLED);
    expect(await one.end).toEqual({ outcome: { kind: 'cancelled' }, leftBehind: [] });
    expect(isAlive(childOf(one.request))).toBe(false);
  });

  test('that is to end at once: it is not given its 2 s', { timeout: PATIENCE_MS }, async (context) => {
    const { expect } = context;
    const one = await running(leavesBehind(context, 'deaf', 'setsid', 'orphan', 'no-marker', 'deaf'));
    const begin = performance.now();
    one.stop.abort(CANCELLED);
    one.hurry.abort();
    expect(await one.end).toEqual({ outcome: { kind: 'cancelled' }, leftBehind: [] });
    expect(performance.now() - begin).toBeLessThan(1900);
    expect(isAlive(childOf(one.request))).toBe(false);
  });

  test('that floods its output', { timeout: PATIENCE_MS }, async (context) => {
    const { expect } = context;
    const request = requestOf('', [], {
      args: ['-c', FLOOD],
      directory: emptyFolder(context.onTestFinished),
    });
    const one = await running(request);
    one.stop.abort(CANCELLED);
    expect(await one.end).toEqual({ outcome: { kind: 'cancelled' }, leftBehind: [] });
    expect(markedProcesses([request.marker])).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('the sampler', () => {
  test('runs as long as the command, writes beside its output, and is gone with it', async (context) => {
    const { expect } = context;
    const request = leavesBehind(context, 'stays');
    const one = await running(request);
    const file = join(request.directory, 'telemetry.jsonl');
    await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('\n'));
    const [sampler] = markedProcesses([request.marker]).filter(({ command }) => /sampler\.py --out \S+$/.test(command));
    one.stop.abort(CANCELLED);
    await one.end;
    expect(isAlive(sampler?.pid ?? process.pid)).toBe(false);
  });

  test('does not keep a launch waiting that has ended by itself', async ({ expect }) => {
    const command = 'until [ -s telemetry.jsonl ]; do sleep 0.05; done; date +%s.%N';
    const request = requestOf('', [], { args: ['-c', command] });
    const { outcome } = await ended(request);
    expect(outcome).toEqual({ kind: 'exited', exitCode: 0 });
    // What is left behind would be given 3 s.
    expect(Date.now() / 1000 - Number(streamOf(request, 'stdout'))).toBeLessThan(2.5);
  });

  test('is told the devices', async (context) => {
    const { expect } = context;
    const one = await running({ ...leavesBehind(context, 'stays'), gpus: ['0', '3'] });
    const isSampler = ({ command }: { command: string }) => /sampler\.py --out \S+ --gpus 0,3$/.test(command);
    await until(() => markedProcesses([one.request.marker]).some(isSampler));
    one.stop.abort(CANCELLED);
    expect((await one.end).leftBehind).toEqual([]);
  });
});
