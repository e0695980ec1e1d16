import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { ownEnvironment } from '../../src/environment/own-environment.ts';
import { shipped } from '../../src/environment/package-files.ts';
import { runSetup } from '../../src/environment/setup.ts';
import type { SetupEvent } from '../../src/environment/setup-context.ts';
import { installProgram, program, REPOSITORY, temporaryDirectory } from './temporary.ts';

let host: string;
let tools: string;
let events: SetupEvent[];

beforeEach(() => {
  host = temporaryDirectory();
  tools = join(host, 'tools');
  events = [];
  installProgram('python-without-vllm', join(host, 'bin', 'python3'));
  installProgram('uv-that-installs', join(host, 'bin', 'uv'));
});

/** On a host whose PATH holds a Python without vLLM and a uv that installs nothing real. */
function setUp(extra: Record<string, string> = {}, signal = new AbortController().signal) {
  const env = {
    PATH: `${join(host, 'bin')}:/usr/bin:/bin`,
    UV_CALLS: join(host, 'uv-calls'),
    PYTHON_WITH_VLLM: program('python-with-vllm'),
    ...extra,
  };
  let time = 0;
  const now = () => {
    time += 1000;
    return time;
  };
  return runSetup({ tools, packageRoot: REPOSITORY, env, signal, now, report: (event) => events.push(event) });
}

function uvCalls(): string[] {
  return readFileSync(join(host, 'uv-calls'), 'utf8').trimEnd().split('\n');
}

const environment = () => ownEnvironment(tools, shipped(REPOSITORY, 'vllmLock'), '3.11');

test('from nothing to vLLM and a model, each step said; the second time nothing is done', async () => {
  expect(await setUp()).toEqual({ kind: 'ready', python: environment().python });
  const steps = events
    .filter((event) => event.kind !== 'progress')
    .map((event) => `${event.kind} ${'step' in event ? event.step : ''}`);
  expect(steps).toEqual(
    ['python', 'uv', 'vllm', 'tiny-model'].flatMap((step) => [`step-started ${step}`, `step-done ${step}`]),
  );
  expect(existsSync(join(tools, 'models', 'tiny-llama', 'config.json'))).toBe(true);
  const calls = uvCalls();

  events = [];
  expect(await setUp()).toEqual({ kind: 'ready', python: environment().python });
  expect(events).toEqual([]);
  expect(uvCalls()).toEqual(calls);
});

test('uv gets the places of the user’s pip, and torch’s CPU build is said outright', async () => {
  await setUp();
  const [make, torch, lock] = uvCalls();
  expect(make).toBe(`venv --no-project --python ${join(host, 'bin', 'python3')} ${environment().directory}`);
  expect(torch).toMatch(
    /^pip install --python .* --no-deps --find-links \/a\/folder --find-links of\/wheels .* torch==2\.13\.0\+cpu$/,
  );
  expect(lock).toMatch(/ -r .*requirements\.txt$/);
  const requirements = readFileSync(join(environment().directory, 'requirements.txt'), 'utf8');
  expect(requirements).toMatch(/^torch==2\.13\.0\+cpu$/m);
  expect(requirements.replace('+cpu\ntqdm', '\ntqdm')).toBe(readFileSync(shipped(REPOSITORY, 'vllmLock'), 'utf8'));
});

test('where no CPU build of torch is found, PyTorch’s own index is the last resort, and setup says so', async () => {
  const refuses = 'unsafe-best-match torch==2.13.0+cpu';
  expect(await setUp({ UV_REFUSES: refuses, UV_SAYS: 'No solution found' })).toMatchObject({ kind: 'ready' });
  expect(uvCalls()[2]).toMatch(/--default-index https:\/\/download\.pytorch\.org\/whl\/cpu torch==2\.13\.0\+cpu$/);
  expect(events).toContainEqual({
    kind: 'note',
    message: expect.stringContaining('torch==2.13.0+cpu is not where your pip looks'),
  });
});

test('a failed download says what to do, keeps the log, and the next try starts over', async () => {
  const failed = await setUp({
    UV_REFUSES: 'requirements.txt',
    UV_SAYS: 'tcp connect error: Connection refused (os error 111)',
  });
  const log = join(tools, 'logs', 'setup-vllm.log');
  const remedy = 'check the connection or the proxy and run the same command again';
  expect(failed).toEqual({ kind: 'failed', message: 'vLLM could not be installed', remedy, log });
  expect(readFileSync(log, 'utf8')).toContain('Connection refused');
  expect(existsSync(environment().stamp)).toBe(false);

  writeFileSync(join(environment().directory, 'remains'), '');
  expect(await setUp()).toMatchObject({ kind: 'ready' });
  expect(existsSync(join(environment().directory, 'remains'))).toBe(false);
});

test('without a network PyTorch’s index is not tried either', async () => {
  const failed = await setUp({ UV_REFUSES: '+cpu', UV_SAYS: 'dns error' });
  expect(failed).toMatchObject({ kind: 'failed', remedy: expect.stringContaining('check the connection') });
  expect(uvCalls()).toHaveLength(2);
});

test('where uv cannot be had, the network is blamed for what it does, and else pip takes over', async () => {
  rmSync(join(host, 'bin', 'uv'));
  const offline = await setUp({ PIP_SAYS: 'NewConnectionError: Failed to establish a new connection' });
  expect(offline).toMatchObject({ kind: 'failed', remedy: expect.stringContaining('check the connection') });
  expect(existsSync(environment().directory)).toBe(false);

  const mirror = await setUp({ PIP_SAYS: 'ERROR: No matching distribution found for uv' });
  expect(events).toContainEqual({ kind: 'note', message: 'uv is not to be had: pip does it, in minutes' });
  expect(mirror).toMatchObject({ kind: 'ready' });
});

test('two setups at the same time install once', async () => {
  const both = await Promise.all([setUp(), setUp()]);
  expect(both.map(({ kind }) => kind)).toEqual(['ready', 'ready']);
  expect(uvCalls().filter((call) => call.startsWith('venv'))).toHaveLength(1);
});

test('a host without a Python that has wheels is told what to install', async () => {
  installProgram('python-broken', join(host, 'bin', 'python3'));
  const env = { PATH: join(host, 'bin') };
  expect(await setUp(env)).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('no Python 3.11 to 3.14 on PATH'),
    remedy: expect.stringContaining('apt-get install python3 python3-venv'),
  });
});

test('a tools directory that cannot be made is a failure with a remedy', async () => {
  writeFileSync(join(host, 'file'), '');
  tools = join(host, 'file', 'tools');
  expect(await setUp()).toMatchObject({ kind: 'failed', remedy: expect.stringContaining('ORCHESTRATE_HOME') });
});

test('stopping it ends it, and leaves no lock behind', async () => {
  mkdirSync(tools);
  await expect(setUp({}, AbortSignal.abort(new Error('Ctrl-C')))).rejects.toThrow('Ctrl-C');
  expect(existsSync(join(tools, 'setup.lock'))).toBe(false);
});
