import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { collect } from '../../src/run/collect.ts';
import { Plan } from '../../src/schema/plan.ts';
import { carryOut, ENVIRONMENT, filesIn, point, readJson } from './runs.ts';

/** Files of a directory in which a text stands, as it is or as JSON writes it. */
function filesWith(text: string, directory: string): string[] {
  return filesIn(directory).filter((path) => {
    const content = readFileSync(join(directory, path), 'utf8');
    return content.includes(text) || content.includes(JSON.stringify(text).slice(1, -1));
  });
}

describe('a secret in the run definition stands in no file of the output directory', () => {
  test.each([
    { what: 'a token', env: { HF_TOKEN: 'hf_AbCdEfGhIjKl' }, secret: 'hf_AbCdEfGhIjKl' },
    { what: 'a password', env: { DB_PASSWORD: 'correct horse' }, secret: 'correct horse' },
    { what: 'a key', env: { AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7' }, secret: 'wJalrXUtnFEMI/K7' },
    { what: 'a number', env: { OPENAI_API_KEY: 12345678 }, secret: '12345678' },
  ])('$what', async ({ env, secret }) => {
    const { directory, summary } = await carryOut([point('measures', 8, { env }), point('job-failed', 16, { env })]);
    expect(summary.records[0]?.state).toBe('valid');
    expect(filesWith(secret, directory)).toEqual([]);
  });

  // A value is looked for as it is; in plan.json and run.yaml it stands as JSON writes it.
  test('one with a quote in it', async () => {
    const secret = 'pass"word\\1234';
    const { directory } = await carryOut([point('measures', 8, { env: { DB_PASSWORD: secret } })]);
    expect(filesWith(secret, directory)).toEqual([]);
  });

  test('a short one, in the files that are not the user’s own text', async () => {
    const { directory } = await carryOut([point('measures', 8, { env: { DB_PASSWORD: 'q7Zx9' } })]);
    expect(filesWith('q7Zx9', directory).filter((path) => path !== 'run.yaml')).toEqual([]);
  });

  test('one in a URL', async () => {
    const env = { HTTPS_PROXY: 'http://somebody:s3cr3tword@proxy.example:3128' };
    const { directory } = await carryOut([point('measures', 8, { env })]);
    expect(filesWith('s3cr3tword', directory)).toEqual([]);
  });

  test('one among the flags of the engine', async () => {
    const { directory } = await carryOut([point('measures', 8, { args: '--hf-token hf_AbCdEfGhIjKl' })]);
    expect(filesWith('hf_AbCdEfGhIjKl', directory)).toEqual([]);
  });
});

describe('taking secrets out', () => {
  const env = { HF_TOKEN: 'hf_AbCdEfGhIjKl' };

  test('does not keep the driver from getting them', async () => {
    const { summary } = await carryOut([point('needs-token', 8, { env })]);
    expect(summary.records[0]?.state).toBe('valid');
  });

  test('leaves a plan that `report` reads, and that finds every measurement', async () => {
    const { directory, summary } = await carryOut([point('measures', 8, { env })]);
    const plan = Plan.parse(readJson(directory, 'plan.json'));
    const again = collect(plan, directory, readEvents(directory).events).summary(ENVIRONMENT);
    expect(again.records[0]?.samples).toEqual(summary.records[0]?.samples);
    expect(readJson<unknown[]>(directory, 'summary_report.json')).toHaveLength(1);
  });

  test('a token that is renewed measures nothing again', async () => {
    const { directory } = await carryOut([point('measures', 8, { env })]);
    const again = await carryOut([point('measures', 8, { env: { HF_TOKEN: 'hf_another_one' } })], { directory });
    expect(again.began).toEqual([]);
    expect(filesWith('hf_another_one', directory)).toEqual([]);
  });

  // VLLM_MAX_TOKENS_PER_EXPERT_FP4_MOE and its like are no secrets: they change the number that is measured.
  test('a number of tokens is none: two values are two engines', async () => {
    const { summary } = await carryOut([
      point('measures', 8, { env: { VLLM_MAX_TOKENS_PER_EXPERT_FP4_MOE: 1000 } }),
      point('measures-2', 8, { env: { VLLM_MAX_TOKENS_PER_EXPERT_FP4_MOE: 2000 } }),
    ]);
    expect(summary.records).toHaveLength(2);
  });

  test('a number of tokens that stands elsewhere too leaves plan.json whole', async () => {
    const env = { VLLM_MAX_TOKENS_PER_EXPERT_FP4_MOE: 131072 };
    const { directory } = await carryOut([point('measures', 8, { env, max_model_len: 131072 })]);
    expect(() => readJson(directory, 'plan.json')).not.toThrow();
  });

  // `--tokenizer` and its like hold no secret: what they say is part of the engine.
  test.each([
    ['--tokenizer-mode slow', '--tokenizer-mode mistral'],
    ['--tokenizer /models/a', '--tokenizer /models/b'],
  ])('%s and %s are two engines', async (one, other) => {
    const { summary } = await carryOut([point('measures', 8, { args: one }), point('measures-2', 8, { args: other })]);
    expect(summary.records).toHaveLength(2);
  });
});
