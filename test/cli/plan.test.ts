import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Plan } from '../../src/schema/plan.ts';
import { point } from '../run/runs.ts';
import { definition, host, orchestrate, RUNS, STAND_IN_PYTHON } from './shell.ts';

const python = ['--python', STAND_IN_PYTHON];

describe('plan', () => {
  test('prints the launches, points and exact command lines, and starts and writes nothing', async () => {
    const on = host();
    const file = on.write(
      'a.yaml',
      definition(point('a', 8, { repeats: 3 }), point('b', 16), point('c', 8, { driver: 'stock' })),
    );
    const { code, stdout, stderr } = await orchestrate(on, ['plan', file, ...python]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^2 launches, 3 points, 5 measurements\n/);
    expect(stdout).toContain('launch a_TP-1: 2 points, max_model_len 21 (derived)');
    const out = join(on.cwd, 'results/a/attempts/0001_a_TP-1');
    // A shell takes the line as it stands: the folder's name has a space.
    expect(stdout).toContain(`src/drivers/resident.py --launch '${out}/launch.json' -- --model stand-in/model`);
    expect(stdout).toMatch(/src\/drivers\/stock\.py --job [0-9a-f]{16} --run-name c_TP-1_ISL-8_OSL-4 --repeat 0/);
    expect(on.calls().filter((call) => !call.includes('probe.py'))).toEqual([]);
    expect(readdirSync(on.cwd)).toEqual(['a.yaml']);
  });

  test('--json is the plan of a run', async () => {
    const on = host();
    const { stdout } = await orchestrate(on, ['plan', on.write('a.yaml', definition()), '--json', ...python]);
    const plan = Plan.parse(JSON.parse(stdout));
    expect(plan.launches.map(({ jobs }) => jobs.map(({ run_name }) => run_name))).toEqual([
      ['measures_TP-1_ISL-8_OSL-4'],
    ]);
    expect(plan.facts.capabilities?.vllm_version).toBe('0.32.0');
    expect(readdirSync(on.cwd)).toEqual(['a.yaml']);
  });

  test('--json has every note that is printed', async () => {
    const on = host();
    const file = on.write('a.yaml', definition(point('a', 8, { tensor_parallel_sizes: [4096] })));
    const { stdout } = await orchestrate(on, ['plan', file]);
    const notes = stdout.split('\n').flatMap((line) => (line.startsWith('note: ') ? [line.slice(6)] : []));
    expect(notes).toEqual([
      expect.stringMatching(/^no Python with vLLM was found here/),
      expect.stringMatching(/^not on this host: needs 4096 devices/),
    ]);
    for (const command of [
      ['plan', file, '--json'],
      [file, '--dry-run', '--json'],
    ])
      expect(Plan.parse(JSON.parse((await orchestrate(on, command)).stdout)).notes).toEqual(notes);
  });

  test('is what --dry-run prints', async () => {
    const on = host();
    const file = on.write('a.yaml', definition());
    const planned = await orchestrate(on, ['plan', file, ...python]);
    expect(await orchestrate(on, [file, '--dry-run', ...python])).toEqual(planned);
  });

  test('prints prompt length, shared part and the best possible hit rate of a point', async () => {
    const on = host();
    const { code, stdout } = await orchestrate(on, ['plan', join(RUNS, 'standalone_runs.yaml'), ...python]);
    expect(code).toBe(0);
    // Of the 7900 shared tokens 493 whole blocks of 16 can be cached: 7888 / 8192.
    expect(stdout).toMatch(
      /Ironwood-CodeGen-HighCache_TP-8_ISL-8192_OSL-2048_PL-7900 +8192 +2048 +7900 +96\.3 % warm +1000/,
    );
    expect(stdout).toContain('note: not on this host: needs 8 devices');
  });

  test.each(readdirSync(RUNS).filter((name) => name.endsWith('.yaml')))(
    'runs/%s plans, without any vLLM',
    async (name) => {
      const { code, stdout } = await orchestrate(host(), ['plan', join(RUNS, name)]);
      expect(code).toBe(0);
      expect(stdout).toContain('note: no Python with vLLM was found here');
    },
  );

  test('says which points cannot be, and why', async () => {
    const on = host();
    const { code, stdout } = await orchestrate(on, [
      ...['plan', on.write('a.yaml', definition(point('a', 4096, { max_model_len: 64 }), point('b')))],
      ...python,
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('cannot be measured: 1 point');
    expect(stdout).toContain('prompt and output need 4100 tokens, max_model_len is 64');
  });

  // It goes to terminals and the logs of continuous integration.
  test('shows no secret', async () => {
    const on = host();
    const file = on.write('a.yaml', definition(point('a', 8, { env: { HF_TOKEN: 'hf_AbCdEfGhIjKl' } })));
    const { stdout } = await orchestrate(on, ['plan', file, ...python]);
    const json = await orchestrate(on, ['plan', file, '--json', ...python]);
    expect(stdout + json.stdout).not.toContain('hf_AbCdEfGhIjKl');
  });

  // An attempt runs in a folder of its own: what is relative there is something else.
  test('a benchmark script that is named by a relative path is given by an absolute one', async () => {
    const on = host();
    on.write('benchmark_throughput.py', '');
    const file = on.write('a.yaml', definition(point('a', 8, { driver: './benchmark_throughput.py' })));
    const { stdout } = await orchestrate(on, ['plan', file, ...python]);
    expect(stdout).toContain(`--script '${join(on.cwd, 'benchmark_throughput.py')}'`);
  });
});

describe('validate', () => {
  test('says of each file whether it is valid, and how many points it has', async () => {
    const on = host();
    const files = [on.write('a.yaml', definition(point('a'), point('b', 16))), on.write('b.yaml', definition())];
    const { code, stdout, stderr } = await orchestrate(on, ['validate', ...files]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('a.yaml: valid, 2 points\nb.yaml: valid, 1 point\n');
    expect(on.calls()).toEqual([]);
  });

  test('one bad file is exit code 2, and the others are looked at all the same', async () => {
    const on = host();
    const files = [on.write('a.yaml', 'retries: -1\n'), on.write('b.yaml', definition()), on.write('c.yaml', 'x: 1\n')];
    const { code, stdout, stderr } = await orchestrate(on, ['validate', ...files]);
    expect(code).toBe(2);
    expect(stdout).toBe('b.yaml: valid, 1 point\n');
    expect(stderr).toContain('a.yaml:1:10');
    expect(stderr).toContain('c.yaml:1:1');
  });

  test('a file that is not there does not keep the others from being looked at', async () => {
    const on = host();
    const { code, stdout, stderr } = await orchestrate(on, [
      'validate',
      'nowhere.yaml',
      on.write('b.yaml', definition()),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('nowhere.yaml');
    expect(stdout).toContain('b.yaml: valid');
  });

  test('--json gives places and messages', async () => {
    const on = host();
    const files = [on.write('a.yaml', 'retries: -1\n'), on.write('b.yaml', definition())];
    const { code, stdout } = await orchestrate(on, ['validate', '--json', ...files]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject([
      { file: 'a.yaml', valid: false, points: null, problems: [{ line: 1 }, { line: 1, column: 10 }] },
      { file: 'b.yaml', valid: true, points: 1, problems: [] },
    ]);
  });

  test('every run definition that comes with the project', async () => {
    const files = readdirSync(RUNS).filter((name) => name.endsWith('.yaml'));
    const { code } = await orchestrate(host(), ['validate', ...files.map((name) => join(RUNS, name))]);
    expect(code).toBe(0);
  });
});
