import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { recordedCapabilities } from '../../scripts/pages/vllm-versions/recorded.ts';
import { shipped } from '../../src/environment/package-files.ts';
import { type ProbeOutcome, probePython } from '../../src/environment/probe.ts';
import { choosePython } from '../../src/environment/python.ts';
import { pathWith, REPOSITORY, temporaryDirectory } from './temporary.ts';

const NEWEST = recordedCapabilities().at(-1);

let host: string;
let python: string;

beforeEach(() => {
  host = temporaryDirectory();
  python = interpreter('python');
  for (const folder of ['packages', 'packages/vllm']) mkdirSync(join(host, folder));
  writeFileSync(join(host, 'packages', 'vllm', '_version.py'), 'one');
  answerWith({});
});

/** A program that answers as the probe does, from a file, and counts how often it was asked. */
function interpreter(name: string): string {
  const path = join(host, name);
  writeFileSync(path, `#!/bin/sh\necho asked >>'${host}/calls'\ncat '${host}/answer.json'\n`, { mode: 0o755 });
  return path;
}

const file = (name: string) => join(host, 'packages', name);

function answerWith(changes: Record<string, unknown>): void {
  const depends_on = [python, ...['', 'vllm/_version.py', 'vllm/config/cache.py'].map(file)];
  const beside = { cuda_version: null, vllm_path: file('vllm'), packages: {}, executable: python, depends_on };
  writeFileSync(join(host, 'answer.json'), JSON.stringify({ ...NEWEST, ...beside, ...changes }));
}

function ask(request: { python?: string; env?: Record<string, string>; cache?: string } = {}): Promise<ProbeOutcome> {
  const env = { PATH: '/usr/bin:/bin', ...request.env };
  return probePython({ python, script: 'probe.py', cache: join(host, 'probes'), ...request, env });
}

const asked = () => readFileSync(join(host, 'calls'), 'utf8').trim().split('\n').length;

test('a second command does not ask again, and is told the same', async () => {
  const first = await ask();
  expect(first).toMatchObject({ kind: 'vllm', probe: { ...NEWEST, vllm_path: file('vllm') } });
  expect(await ask()).toEqual(first);
  expect(asked()).toBe(1);
});

test.each<[string, () => void]>([
  ['a file that was read is another one', () => writeFileSync(file('vllm/_version.py'), 'two')],
  ['a file that was read is gone', () => rmSync(file('vllm/_version.py'))],
  [
    'a file that was not there has come',
    () => {
      mkdirSync(file('vllm/config'));
      writeFileSync(file('vllm/config/cache.py'), '');
    },
  ],
  ['a package was installed', () => mkdirSync(file('torch-2.13.0.dist-info'))],
  ['the interpreter is another one', () => appendFileSync(python, '# newer\n')],
  ['what was kept is broken', () => writeFileSync(keptFile(), '{"answer"')],
  ['what was kept is no answer of this probe', () => writeFileSync(keptFile(), '{"files": {}, "answer": {"a": 1}}')],
])('it asks again when %s', async (_, change) => {
  await ask();
  change();
  answerWith({ vllm_version: '0.99.0' });
  expect(await ask()).toMatchObject({ probe: { vllm_version: '0.99.0' } });
  expect(asked()).toBe(2);
});

function keptFile(): string {
  const [name] = readdirSync(join(host, 'probes'));
  return join(host, 'probes', name ?? 'nothing was kept');
}

describe('another question', () => {
  test.each<[string, Parameters<typeof ask>[0]]>([
    ['packages are looked for elsewhere', { env: { PYTHONPATH: '/somewhere' } }],
    ['packages of another user', { env: { HOME: '/somewhere' } }],
  ])('%s', async (_, request) => {
    await ask();
    await ask(request);
    expect(asked()).toBe(2);
    await ask();
    await ask(request);
    expect(asked()).toBe(2);
  });

  test('another interpreter', async () => {
    await ask();
    await ask({ python: interpreter('python3') });
    expect(asked()).toBe(2);
  });

  test('not one that changes nothing', async () => {
    await ask();
    await ask({ env: { VLLM_LOGGING_LEVEL: 'DEBUG' } });
    expect(asked()).toBe(1);
  });
});

describe('not kept', () => {
  const twice = async (request = {}) => {
    await ask(request);
    await ask(request);
    expect(asked()).toBe(2);
  };

  test('what a shim says, which starts one Python here and another there', async () => {
    answerWith({ executable: '/usr/bin/env' });
    await twice();
    answerWith({ executable: join(host, 'gone') });
    await ask();
    expect(asked()).toBe(3);
  });

  test('what depends on the current directory', () => twice({ env: { PYTHONPATH: `${'/somewhere'}:src` } }));

  test('an answer that does not say what it depends on', async () => {
    answerWith({ depends_on: undefined });
    await twice();
  });

  test('an answer that is none', async () => {
    writeFileSync(join(host, 'answer.json'), 'Segmentation fault');
    await twice();
    expect(await ask()).toMatchObject({ kind: 'broken', reason: expect.stringContaining('Segmentation fault') });
  });

  test('where there is no folder for it, or none can be made', async () => {
    await twice({ cache: join(python, 'below a file') });
    await probePython({ python, script: 'probe.py', env: { PATH: '/usr/bin:/bin' } });
    expect(asked()).toBe(3);
    expect(existsSync(join(host, 'probes'))).toBe(false);
  });
});

test('a Python without vLLM is not asked again, until something is installed', async () => {
  const depends_on = [file('')];
  writeFileSync(
    join(host, 'answer.json'),
    JSON.stringify({ vllm_version: null, python_version: '3.12.3', executable: python, depends_on }),
  );
  for (let count = 0; count < 2; count++) expect(await ask()).toEqual({ kind: 'no-vllm', pythonVersion: '3.12.3' });
  expect(asked()).toBe(1);
  mkdirSync(file('vllm-0.32.0.dist-info'));
  answerWith({});
  expect(await ask()).toMatchObject({ kind: 'vllm' });
});

test('it lies below the tools directory, and only looking makes none', async () => {
  const tools = join(host, 'tools');
  const env = { PATH: pathWith(host) };
  const choose = () => choosePython({ given: python, cwd: host, packageRoot: REPOSITORY, tools, env });
  expect(await choose()).toMatchObject({ kind: 'found' });
  expect(existsSync(tools)).toBe(false);
  mkdirSync(tools);
  await choose();
  expect(readdirSync(join(tools, 'cache', 'probes'))).toHaveLength(1);
  await choose();
  expect(asked()).toBe(2);
});

test('of a real Python: kept, and another vLLM is seen', async () => {
  const real = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  const request = { python: real, script: shipped(REPOSITORY, 'probe'), cache: join(host, 'probes') };
  const probe = () => probePython({ ...request, env: { PATH: '/usr/bin:/bin', PYTHONPATH: file('') } });
  writeFileSync(file('vllm/__init__.py'), 'raise ImportError');
  writeFileSync(file('vllm/_version.py'), "__version__ = '0.20.2'");
  expect(await probe()).toMatchObject({ kind: 'vllm', probe: { vllm_version: '0.20.2', bench: [] } });
  const kept = readFileSync(keptFile(), 'utf8');
  expect(await probe()).toMatchObject({ probe: { vllm_version: '0.20.2' } });
  expect(readFileSync(keptFile(), 'utf8')).toBe(kept);
  writeFileSync(file('vllm/_version.py'), "__version__ = '0.28.0'");
  expect(await probe()).toMatchObject({ probe: { vllm_version: '0.28.0' } });
});
