import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MARKER_VARIABLE } from '../../src/executors/executor.ts';
import { emptyFolder } from '../journal/folder.ts';
import { ended, executor, PATH, requestOf, streamOf, until } from './launches.ts';

describe('how a launch ended', () => {
  test.each([0, 1, 3, 137])('by itself, with code %i', async (exitCode) => {
    const { outcome, leftBehind } = await ended(requestOf('exits-with', [String(exitCode)]));
    expect(outcome).toEqual({ kind: 'exited', exitCode });
    expect(leftBehind).toEqual([]);
  });

  test.each(['SIGKILL', 'SIGSEGV', 'SIGTERM'])('killed by %s', async (signal) => {
    const { outcome } = await ended(requestOf('dies-of', [signal.slice(3)]));
    expect(outcome).toEqual({ kind: 'signalled', signal });
  });

  test('not started, because there is no such program', async () => {
    const { outcome } = await ended(requestOf('', [], { file: '/nowhere/python', args: [] }));
    expect(outcome).toEqual({ kind: 'not-started', reason: expect.stringContaining('ENOENT') });
  });

  test('not started, because the file is no program', async () => {
    const file = join(emptyFolder(), 'text');
    writeFileSync(file, 'hello');
    const { outcome } = await ended(requestOf('', [], { file, args: [] }));
    expect(outcome).toEqual({ kind: 'not-started', reason: expect.stringContaining('EACCES') });
  });

  test('lost, when somebody else had started it', async () => {
    const { outcome } = await executor().wait({ pid: 1, marker: 'unknown' }, new AbortController().signal);
    expect(outcome).toMatchObject({ kind: 'lost' });
  });
});

describe('what a launch gets', () => {
  test('is the environment that was given, the marker, and nothing of ours', async () => {
    const request = requestOf('', [], { file: '/usr/bin/env', args: [], env: { A: '1', B: 'two words\nand a line' } });
    await ended(request);
    const given = ['A=1', 'B=two words\nand a line', `${MARKER_VARIABLE}=${request.marker}`].join('\n');
    expect(streamOf(request, 'stdout').trimEnd().split('\n').toSorted()).toEqual(given.split('\n').toSorted());
  });

  test('are its arguments word for word: no shell reads them', async () => {
    const args = ['%s\n', 'a b', '$HOME', '*', `{"a": "it's"}`, '', '; exit 3', '\\'];
    const request = requestOf('', [], { file: '/usr/bin/printf', args });
    expect((await ended(request)).outcome).toEqual({ kind: 'exited', exitCode: 0 });
    expect(streamOf(request, 'stdout')).toBe(`${args.slice(1).join('\n')}\n`);
  });

  test.runIf(process.platform === 'linux')('is a session of its own, in the folder of the attempt', async () => {
    const local = executor();
    const request = requestOf('shows-itself');
    const handle = await local.start(request);
    await local.wait(handle, new AbortController().signal);
    const [ids, folder] = streamOf(request, 'stdout').split('\n');
    expect(ids).toBe(`${handle.pid} ${handle.pid} ${handle.pid}`);
    expect(folder).toBe(request.directory);
  });

  test('is a handle that can be written into the journal', async () => {
    const local = executor();
    const request = requestOf('exits-with', ['0']);
    const handle = await local.start(request);
    expect(JSON.parse(JSON.stringify(handle))).toEqual({ pid: expect.any(Number), marker: request.marker });
    // What was read back from the journal finds the launch.
    const end = await local.wait(JSON.parse(JSON.stringify(handle)), new AbortController().signal);
    expect(end.outcome.kind).toBe('exited');
  });
});

describe('what a launch prints', () => {
  test('is in two files as it is printed', async () => {
    const request = requestOf('says');
    const end = ended(request);
    await until(() => streamOf(request, 'stderr') !== '');
    expect(streamOf(request, 'stdout')).toBe('out\n');
    expect(streamOf(request, 'stderr')).toBe('err\n');
    writeFileSync(join(request.directory, 'go'), '');
    await end;
    expect(streamOf(request, 'stdout')).toBe('out\nmore out\n');
  });

  test('is never overwritten by a second launch in the folder', async () => {
    const request = requestOf('', [], { file: '/bin/echo', args: ['one'] });
    await ended(request);
    await ended({ ...request, args: ['two'] });
    expect(streamOf(request, 'stdout')).toBe('one\ntwo\n');
  });
});

describe('several launches of one executor', () => {
  test('end each by itself', async () => {
    const local = executor();
    const codes = [4, 5, 6];
    const handles = await Promise.all(codes.map((code) => local.start(requestOf('exits-with', [String(code)]))));
    const ends = await Promise.all(handles.map((handle) => local.wait(handle, new AbortController().signal)));
    expect(ends.map(({ outcome }) => outcome)).toEqual(codes.map((exitCode) => ({ kind: 'exited', exitCode })));
  });

  test('have the environment of this process only if they are given it', async () => {
    const request = requestOf('', [], { file: '/usr/bin/env', args: [], env: PATH });
    await ended(request);
    expect(streamOf(request, 'stdout')).not.toContain('HOME=');
  });
});
