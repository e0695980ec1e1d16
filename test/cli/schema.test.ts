import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { host, orchestrate, RUNS } from './shell.ts';

async function schema() {
  const { code, stdout, stderr } = await orchestrate(host(), ['schema']);
  expect([code, stderr]).toEqual([0, '']);
  const value = JSON.parse(stdout);
  expect(value.$schema).toBe('http://json-schema.org/draft-07/schema#');
  // Throws for what is no JSON schema.
  return z.fromJSONSchema(value);
}

const ours = readdirSync(RUNS).filter((name) => name.endsWith('.yaml'));
const runs = (run: object) => ({ standalone_runs: [{ name: 'a', mode: 'vllm_throughput', model: 'm', ...run }] });

describe('schema prints a JSON schema', () => {
  test.each(ours)('that takes runs/%s', async (name) => {
    const result = (await schema()).safeParse(parse(readFileSync(join(RUNS, name), 'utf8')));
    expect(result.error?.issues).toBeUndefined();
  });

  test('that takes scalars and lists', async () => {
    const check = await schema();
    for (const run of [
      { num_prompts: 8 },
      { num_prompts: [8, 16] },
      { workloads: 'chatbot' },
      { max_model_len: 'per_point' },
    ])
      expect(check.safeParse(runs(run)).success).toBe(true);
  });

  test.each([{ repeat: 3 }, { repeats: 0 }, { num_prompts: [] }, { num_prompts: 'many' }, { mode: 3 }])(
    'that does not take %j',
    async (run) => {
      expect((await schema()).safeParse(runs(run)).success).toBe(false);
    },
  );

  test('that explains the fields', async () => {
    const { stdout } = await orchestrate(host(), ['schema']);
    expect(stdout).toContain('Tokens at the start of the prompt that all requests share.');
  });
});
