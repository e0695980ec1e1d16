import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesIn, point } from '../run/runs.ts';
import { definition, host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

const python = ['--python', STAND_IN_PYTHON];

describe('datasets', () => {
  // src/drivers/datasets.py takes --model and --jobs; the paths in the jobs are where the files go.
  test('writes a file for each workload of each model, once', async () => {
    const on = host();
    const prefixed = { length_configs: [{ input_len: 64, output_len: 4, prefix_len: 48 }] };
    const runs = [
      point('a', 8, { repeats: 3, tensor_parallel_sizes: [1, 2] }),
      point('b', 8, prefixed),
      point('c', 8, { model: 'org/other' }),
    ];
    const words = ['datasets', on.write('a.yaml', definition(...runs)), '--num-prompts', '5', '--seed', '1', ...python];
    const { code, stdout, stderr } = await orchestrate(on, words);
    expect([code, stderr]).toEqual([0, '']);
    expect(filesIn(join(on.cwd, 'datasets'))).toEqual([
      'org_other/inlen8_outlen4_prefixlen0.json',
      'stand-in_model/inlen64_outlen4_prefixlen48.json',
      'stand-in_model/inlen8_outlen4_prefixlen0.json',
    ]);
    const prompts = JSON.parse(
      readFileSync(join(on.cwd, 'datasets/stand-in_model/inlen64_outlen4_prefixlen48.json'), 'utf8'),
    );
    expect(prompts).toHaveLength(5);
    expect(prompts[0]).toMatchObject({ prompt_len: 64, output_len: 4, prefix_len: 48 });
    expect(stdout).toContain('5 prompts of 64 tokens');
  });

  test('a driver that fails is said in words, with exit code 5', async () => {
    const on = host();
    const words = ['datasets', on.write('a.yaml', definition()), ...python];
    const { code, stderr } = await orchestrate(on, words, { env: { STAND_IN_NODE: '/bin/false' } });
    expect(code).toBe(5);
    expect(stderr).toContain('the prompts of stand-in/model could not be made');
  });
});
