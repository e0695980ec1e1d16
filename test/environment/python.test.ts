import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { ownEnvironment } from '../../src/environment/own-environment.ts';
import { shipped } from '../../src/environment/package-files.ts';
import { choosePython, type PythonRequest } from '../../src/environment/python.ts';
import { installProgram, pathWith, REPOSITORY, temporaryDirectory } from './temporary.ts';

let host: string;

beforeEach(() => {
  host = temporaryDirectory();
});

/** No system Python in sight: PATH holds what the test put there, and `sh` is found by its #! line. */
function choose(request: Partial<PythonRequest> & { env?: Record<string, string> } = {}) {
  const tools = join(host, 'tools');
  const env = { PATH: join(host, 'bin'), ...request.env };
  return choosePython({ given: null, cwd: host, packageRoot: REPOSITORY, tools, ...request, env });
}

const withVllm = (...path: string[]) => installProgram('python-with-vllm', join(host, ...path));
const withoutVllm = (...path: string[]) => installProgram('python-without-vllm', join(host, ...path));

function setUp(): string {
  const { python, stamp, directory } = ownEnvironment(join(host, 'tools'), shipped(REPOSITORY, 'vllmLock'), '3.11');
  installProgram('python-with-vllm', python);
  writeFileSync(stamp, '');
  return join(directory, 'bin', 'python');
}

test('an activated environment comes before PATH, and PATH before our own', async () => {
  const own = setUp();
  expect(await choose()).toMatchObject({ kind: 'found', origin: 'own', path: own });
  const python = withVllm('bin', 'python');
  expect(await choose()).toMatchObject({ kind: 'found', origin: 'path', path: python });
  const python3 = withVllm('bin', 'python3');
  expect(await choose()).toMatchObject({ kind: 'found', origin: 'path', path: python3 });
  const conda = withVllm('conda', 'bin', 'python');
  const env = { CONDA_PREFIX: join(host, 'conda') };
  expect(await choose({ env })).toMatchObject({ origin: 'activated', path: conda });
  const venv = withVllm('venv', 'bin', 'python');
  expect(await choose({ env: { ...env, VIRTUAL_ENV: join(host, 'venv') } })).toMatchObject({ path: venv });
});

test('one without vLLM, or broken, is passed over, whatever its rank', async () => {
  withoutVllm('venv', 'bin', 'python');
  installProgram('python-broken', join(host, 'bin', 'python3'));
  const python = withVllm('bin', 'python');
  const choice = await choose({ env: { VIRTUAL_ENV: join(host, 'venv') } });
  expect(choice).toMatchObject({ kind: 'found', origin: 'path', path: python });
  expect(choice).toMatchObject({
    capabilities: { vllm_version: '0.32.0' },
    probe: { packages: { torch: '2.13.0+cpu' } },
  });
});

test('none: what was looked at, and why not', async () => {
  const first = withoutVllm('venv', 'bin', 'python');
  const second = installProgram('python-broken', join(host, 'bin', 'python3'));
  expect(await choose({ env: { VIRTUAL_ENV: join(host, 'venv') } })).toEqual({
    kind: 'none',
    tried: [
      { path: first, origin: 'activated', reason: 'Python 3.11.7 without vLLM' },
      { path: second, origin: 'path', reason: expect.stringContaining('error while loading shared libraries') },
    ],
  });
});

test('the one that is named is taken as a command, a file or an environment', async () => {
  withVllm('bin', 'python3');
  const file = withVllm('venv', 'bin', 'python');
  const home = { PATH: pathWith(join(host, 'bin')), HOME: host };
  for (const [given, path] of [
    [file, file],
    [join(host, 'venv'), file],
    ['venv', file],
    ['venv/bin/python', file],
    ['~/venv', file],
    ['python3', join(host, 'bin', 'python3')],
  ] as const) {
    expect(await choose({ given, env: home }), given).toMatchObject({ kind: 'found', origin: 'given', path });
  }
});

test('the one that is named and cannot be used is refused, though others could', async () => {
  withVllm('bin', 'python3');
  const without = withoutVllm('without');
  const broken = installProgram('python-broken', join(host, 'broken'));
  expect(await choose({ given: '/no/such/python' })).toMatchObject({ kind: 'missing', path: '/no/such/python' });
  expect(await choose({ given: without })).toEqual({
    kind: 'no-vllm',
    path: without,
    message: `${without}: Python 3.11.7 without vLLM`,
    remedy: `install vLLM there (${without} -m pip install vllm), or give a Python that has it`,
  });
  expect(await choose({ given: broken })).toMatchObject({ kind: 'broken', path: broken });
});

test('only our own environment gets variables, however it was chosen', async () => {
  const own = setUp();
  expect(await choose()).toMatchObject({ env: { VLLM_CACHE_ROOT: join(host, 'tools', 'cache', 'vllm') } });
  expect(await choose({ given: own })).toMatchObject({ env: { VLLM_NO_USAGE_STATS: '1' } });
  withVllm('bin', 'python3');
  expect(await choose()).toMatchObject({ origin: 'path', env: {} });
});
