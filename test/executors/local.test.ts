import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LaunchRequest, MARKER_VARIABLE } from '../../src/executors/executor.ts';
import { emptyFolder } from '../journal/folder.ts';
import { KEEPER } from './keeper.ts';
import { ended, executor, PATH, requestOf, streamOf, until } from './launches.ts';

describe.each([
  ['through the keeper', KEEPER],
  ['without a keeper', null],
])('how a launch ended %s', (_, keeper) => {
  const run = (request: LaunchRequest) => ended(request, undefined, keeper);

  test.each([0, 1, 3, 137])('by itself, with code %i', async (exitCode) => {
    const { outcome, leftBehind } = await run(requestOf('exits-with', [String(exitCode)]));
    expect(outcome).toEqual({ kind: 'exited', exitCode });
    expect(leftBehind).toEqual([]);
  });

  test.each(['SIGKILL', 'SIGSEGV', 'SIGTERM'])('killed by %s', async (signal) => {
    const { outcome } = await run(requestOf('dies-of', [signal.slice(3)]));
    expect(outcome).toEqual({ kind: 'signalled', signal });
  });

  test('not started, because there is no such program', async () => {
    const { outcome } = await run(requestOf('', [], { file: '/nowhere/python', args: [] }));
    expect(outcome).toEqual({ kind: 'not-started', reason: expect.stringContaining('ENOENT') });
  });

  test('not started, because the file is no program', async () => {
    const file = join(emptyFolder(), 'text');
    writeFileSync(file, 'hello');
    const { outcome } = await run(requestOf('', [], { file, args: [] }));
    expect(outcome).toEqual({ kind: 'not-started', reason: expect.stringContaining('EACCES') });
  });

  test('lost, when somebody else had started it', async () => {
    const { outcome } = await executor().wait({ pid: 1, marker: 'unknown' }, new AbortController().signal);
    expect(outcome).toMatchObject({ kind: 'lost' });
  });
});

describe('what a keeper says', () => {
  // A program that hangs in the kernel cannot be made here; one that says what a keeper would say can.
  const saying = (text: string) => {
    const python = join(emptyFolder(), 'keeper');
    writeFileSync(python, `#!/bin/sh\nprintf '%s' '${text}' >&3\nexit 4\n`, { mode: 0o755 });
    return ended(requestOf('exits-with', ['0']), undefined, { python, script: 'keeper.py' });
  };

  test('of processes that would not go is told', async () => {
    const told = await saying('{"left_behind": ["41 VLLM::Worker_TP0"]}\n');
    expect(told).toEqual({ outcome: { kind: 'exited', exitCode: 4 }, leftBehind: ['41 VLLM::Worker_TP0'] });
  });

  test.each(['', '{"left_beh', 'null\n', '"text"\n'])('is not believed when it is no report: %j', async (text) => {
    expect(await saying(text)).toEqual({ outcome: { kind: 'exited', exitCode: 4 }, leftBehind: [] });
  });
});

describe('what a launch gets', () => {
  // In the C locale that LC_ALL asks for; without it Python would add LC_CTYPE (PEP 538).
  test('is the environment that was given, the marker, a place for sockets, and nothing of ours', async () => {
    const env = { A: '1', B: 'two words\nand a line', LC_ALL: 'C' };
    const request = requestOf('', [], { file: '/usr/bin/env', args: [], env });
    await ended(request);
    const given = [
      ...['A=1', 'B=two words\nand a line', 'LC_ALL=C', `${MARKER_VARIABLE}=${request.marker}`],
      `VLLM_RPC_BASE_PATH=/tmp/orchestrate-${request.marker}`,
    ].join('\n');
    expect(streamOf(request, 'stdout').trimEnd().split('\n').toSorted()).toEqual(given.split('\n').toSorted());
  });

  test('is a folder for sockets that is gone afterwards, with what is in it', async () => {
    const command = 'echo $VLLM_RPC_BASE_PATH; touch $VLLM_RPC_BASE_PATH/socket; stat -c %a $VLLM_RPC_BASE_PATH';
    const request = requestOf('', [], { args: ['-c', command] });
    expect((await ended(request)).outcome).toEqual({ kind: 'exited', exitCode: 0 });
    const [folder, mode] = streamOf(request, 'stdout').split('\n');
    expect([existsSync(folder ?? ''), mode]).toEqual([false, '700']);
    // A path of a socket has at most 107 characters (unix(7)), and vLLM adds a slash and a UUID.
    expect(folder?.length).toBeLessThanOrEqual(107 - 37);
  });

  test('is the folder for sockets that the user chose, which is left alone', async () => {
    const own = emptyFolder();
    const env = { ...PATH, VLLM_RPC_BASE_PATH: own };
    const request = requestOf('', [], { args: ['-c', 'echo $VLLM_RPC_BASE_PATH'], env });
    await ended(request);
    expect([streamOf(request, 'stdout'), existsSync(own)]).toEqual([`${own}\n`, true]);
  });

  test('is a stdin that stays open', async () => {
    const request = requestOf('', [], { args: ['-c', 'timeout 0.3 cat; echo $?'] });
    await ended(request);
    expect(streamOf(request, 'stdout')).toBe('124\n'); // timeout(1): it had to be ended
  });

  test('are the signals as a shell has them: Python ignores SIGPIPE, its children must not', async () => {
    const request = requestOf('', [], { args: ['-c', 'grep SigIgn /proc/self/status'] });
    await ended(request);
    const ignored = BigInt(`0x${/[\da-f]+$/m.exec(streamOf(request, 'stdout'))?.[0]}`);
    // Bit n - 1 is signal n (proc_pid_status(5)): SIGPIPE is 13, SIGXFSZ 25 (signal(7)).
    expect(ignored & ((1n << 12n) | (1n << 24n))).toBe(0n);
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
    // The keeper leads it, and the command is its child.
    expect(ids).toMatch(new RegExp(`^\\d+ ${handle.pid} ${handle.pid}$`));
    expect(ids).not.toMatch(new RegExp(`^${handle.pid} `));
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
