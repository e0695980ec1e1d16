import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { point } from '../run/runs.ts';
import { definition, type Host, host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

const yes = ['--python', STAND_IN_PYTHON];

/** Refused with exit code 5, in words and not with a stack, and without an engine. */
async function refused(on: Host, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await orchestrate(on, words);
  expect([code, stdout]).toEqual([5, '']);
  expect(stderr).toMatch(/^orchestrate: /);
  expect(stderr).not.toContain('    at ');
  // What planning asks.
  expect(on.calls().filter((call) => !/probe\.py|fetch_config\.py/.test(call))).toEqual([]);
  return stderr;
}

describe('what only the host can tell is exit code 5, before any engine starts, and nothing is written', () => {
  test.each(['/nowhere/model', './model', '../model', '~/model'])(
    'a model path that does not exist: %s',
    async (model) => {
      const on = host();
      const file = on.write('a.yaml', definition(point('measures', 8, { model })));
      expect(await refused(on, [file, ...yes])).toContain(`the model ${model} is not there`);
      expect(readdirSync(on.cwd)).toEqual(['a.yaml']);
    },
  );

  test('a checkpoint of one precision that does not exist', async () => {
    const on = host();
    const run = { quantization: ['none', 'fp8'], checkpoints: { fp8: '/nowhere/fp8' } };
    const file = on.write('a.yaml', definition(point('measures', 8, run)));
    expect(await refused(on, [file, ...yes])).toContain('the model /nowhere/fp8 is not there');
  });

  test('every model that is missing is named at once', async () => {
    const on = host();
    const file = on.write('a.yaml', definition(point('measures', 8, { model: ['/nowhere/a', '/nowhere/b'] })));
    const said = await refused(on, [file, ...yes]);
    expect(said).toContain('/nowhere/a');
    expect(said).toContain('/nowhere/b');
  });

  test('a model folder without a config.json', async () => {
    const on = host();
    mkdirSync(join(on.cwd, 'model'));
    const file = on.write('a.yaml', definition(point('measures', 8, { model: './model' })));
    expect(await refused(on, [file, ...yes])).toContain('has no config.json');
    expect(readdirSync(on.cwd)).toEqual(['a.yaml', 'model']);
  });

  test('a builtin model that does not exist', async () => {
    const on = host();
    const file = on.write('a.yaml', definition(point('measures', 8, { model: 'builtin:huge' })));
    expect(await refused(on, [file, ...yes])).toContain('builtin:tiny-llama');
  });

  test('a benchmark script that does not exist', async () => {
    const on = host();
    const file = on.write('a.yaml', definition(point('measures', 8, { driver: '/nowhere/benchmark_throughput.py' })));
    expect(await refused(on, [file, ...yes])).toContain('/nowhere/benchmark_throughput.py');
    expect(readdirSync(on.cwd)).toEqual(['a.yaml']);
  });

  // The folder for the results is made before the Python is looked for.
  test.each([
    { what: 'missing', python: '/nowhere/python', says: 'there is no Python at /nowhere/python' },
    { what: 'without vLLM', python: 'python3', says: 'Python 3.11.7 without vLLM' },
    { what: 'no Python', python: '/bin/ls', says: 'cannot be used' },
  ])('--python that is $what', async ({ python, says }) => {
    const on = host();
    expect(await refused(on, [on.write('a.yaml', definition()), '--python', python])).toContain(says);
    expect(readdirSync(on.cwd)).toEqual(['a.yaml']);
  });

  test.each([
    { what: 'missing', python: '/nowhere/python', says: 'there is no Python at /nowhere/python' },
    { what: 'without vLLM', python: 'python3', says: 'Python 3.11.7 without vLLM' },
    { what: 'no Python', python: '/bin/ls', says: 'cannot be used' },
  ])('--python that is $what; in the definition too', async ({ python, says }) => {
    const on = host();
    expect(await refused(on, [on.write('a.yaml', definition()), '--python', python])).toContain(says);
    const text = JSON.stringify({ python, ...JSON.parse(definition()) });
    expect(await refused(on, [on.write('b.yaml', text)])).toContain(says);
  });

  test('a real Python without vLLM', async () => {
    const on = host();
    const { code, stderr } = await orchestrate(on, [on.write('a.yaml', definition()), '--python', '/usr/bin/python3'], {
      // Whatever the user's own site-packages hold.
      env: { PYTHONNOUSERSITE: '1' },
    });
    // Debian's own Python never has vLLM; where there is none at that place, it is missing.
    expect(code).toBe(5);
    expect(stderr).toMatch(/without vLLM|there is no Python/);
  });

  test.each(['run', 'datasets'])('%s: an output directory that cannot be written', async (command) => {
    const on = host();
    // Below a file: root may write everywhere else.
    writeFileSync(join(on.cwd, 'file'), 'precious');
    const words = [command, on.write('a.yaml', definition()), '--output-dir', 'file/out', ...yes];
    const said = await refused(on, words);
    expect(said).toContain(`${join(on.cwd, 'file/out')} cannot be written (ENOTDIR)`);
    expect(said).toContain('--output-dir');
    expect(readdirSync(on.cwd)).toEqual(['a.yaml', 'file']);
  });

  test('a run of which no point can be measured here', async () => {
    const on = host();
    const sizes = { tensor_parallel_sizes: [4096] };
    const said = await refused(on, [on.write('a.yaml', definition(point('measures', 8, sizes))), ...yes]);
    expect(said).toContain('no point of this run can be measured here');
    expect(said).toContain('needs 4096 devices');
  });

  test('--strict: a run of which one point cannot', async () => {
    const on = host();
    const runs = definition(point('measures'), point('measures-2', 8, { tensor_parallel_sizes: [4096] }));
    const said = await refused(on, [on.write('a.yaml', runs), '--strict', ...yes]);
    expect(said).toContain('--strict');
  });
});

test('what is wrong with the definition comes before what is wrong with the host', async () => {
  const on = host();
  const file = on.write('a.yaml', definition(point('measures', 8, { model: '/nowhere', seeds: 1 })));
  expect(await orchestrate(on, [file, '--python', '/nowhere/python'])).toMatchObject({ code: 2 });
});
