import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { markedProcesses } from '../../src/executors/processes.ts';
import { CANCELLED, ended, executor, requestOf, stopped, streamOf, until } from './launches.ts';

/** The executor of these tests gives an engine 2 s to end in order, and what it leaves behind 3 s. */
const PATIENCE_MS = 60_000;

describe('a launch that is stopped', () => {
  test('on request is cancelled, whatever code it ends with, and may end in order', async () => {
    const request = requestOf('ends-on-sigterm');
    const { outcome, leftBehind } = await stopped(request, CANCELLED);
    expect(outcome).toEqual({ kind: 'cancelled' });
    expect(leftBehind).toEqual([]);
    expect(streamOf(request, 'stdout')).toBe('ready\nended in order\n');
  });

  test('on request is told so with all its children, before anything is killed', async () => {
    const request = requestOf('ends-with-its-child');
    await stopped(request, CANCELLED);
    expect(streamOf(request, 'stdout')).toBe('ready\nchild ended in order\n');
  });

  test('by its time limit is timed out, with the limit', async () => {
    const { outcome } = await stopped(requestOf('ends-on-sigterm'), { kind: 'timed-out', afterSeconds: 1.5 });
    expect(outcome).toEqual({ kind: 'timed-out', afterSeconds: 1.5 });
  });

  test('before anybody waits for it is stopped all the same', async () => {
    const local = executor();
    const request = requestOf('', [], { file: '/bin/sleep', args: ['600'] });
    const { outcome } = await local.wait(await local.start(request), AbortSignal.abort(CANCELLED));
    expect(outcome).toEqual({ kind: 'cancelled' });
  });

  test('after it has ended by itself has ended by itself', async () => {
    const stop = new AbortController();
    const { outcome } = await ended(requestOf('exits-with', ['3']), stop.signal);
    stop.abort(CANCELLED);
    expect(outcome).toEqual({ kind: 'exited', exitCode: 3 });
  });

  test('without a program to stop did not start', async () => {
    const { outcome } = await ended(requestOf('', [], { file: '/nowhere', args: [] }));
    expect(outcome.kind).toBe('not-started');
  });
});

describe.runIf(process.platform === 'linux').concurrent('no process is left', () => {
  test('of a launch that ignores SIGTERM: it is killed with its children', { timeout: PATIENCE_MS }, async ({
    expect,
  }) => {
    const request = requestOf('ignores-sigterm');
    const { outcome, leftBehind } = await stopped(request, CANCELLED);
    expect(outcome).toEqual({ kind: 'cancelled' });
    expect(leftBehind).toEqual([]);
    expect(markedProcesses([request.marker])).toEqual([]);
  });

  test('of a launch whose child made a session of its own', { timeout: PATIENCE_MS }, async ({ expect }) => {
    const request = requestOf('leaves-grandchild', ['600']);
    const { outcome, leftBehind } = await ended(request);
    expect(outcome).toEqual({ kind: 'exited', exitCode: 0 });
    expect(leftBehind).toEqual([]);
    expect(markedProcesses([request.marker])).toEqual([]);
  });

  test('and one that ends soon by itself is waited for, not killed', { timeout: PATIENCE_MS }, async ({ expect }) => {
    const begin = performance.now();
    const request = requestOf('leaves-grandchild', ['2']);
    await ended(request);
    expect(performance.now() - begin).toBeGreaterThan(1500);
    expect(performance.now() - begin).toBeLessThan(8000);
    expect(markedProcesses([request.marker])).toEqual([]);
  });

  test('but the launches of others are left alone', { timeout: PATIENCE_MS }, async ({ expect }) => {
    const local = executor();
    const other = requestOf('', [], { file: '/bin/sleep', args: ['600'] });
    // A marker that begins like the other one's is another marker.
    const request = requestOf('leaves-grandchild', ['600'], { marker: other.marker.slice(0, -1) });
    const handle = await local.start(other);
    const stop = new AbortController();
    const otherEnds = local.wait(handle, stop.signal);
    await ended(request);
    expect(markedProcesses([request.marker])).toEqual([]);
    expect(markedProcesses([other.marker]).map(({ command }) => command)).toContain('/bin/sleep 600');
    stop.abort(CANCELLED);
    expect((await otherEnds).outcome).toEqual({ kind: 'cancelled' });
  });
});

describe.runIf(process.platform === 'linux')('the processes of a launch', () => {
  test('are found by the marker in their environment, with their command lines', async () => {
    const local = executor();
    const request = requestOf('', [], { file: '/bin/sleep', args: ['601'] });
    const handle = await local.start(request);
    await until(() => markedProcesses([request.marker]).some(({ command }) => command === '/bin/sleep 601'));
    const [keeper] = markedProcesses([request.marker]).filter(({ pid }) => pid === handle.pid);
    expect(keeper).toMatchObject({ marker: request.marker, command: expect.stringMatching(/keeper\.py .*sleep 601$/) });
    await local.wait(handle, AbortSignal.abort(CANCELLED));
    await sleep(50);
    expect(markedProcesses([request.marker])).toEqual([]);
  });

  test('of a marker that nobody has are none', () => {
    expect(markedProcesses(['nobody'])).toEqual([]);
  });
});
