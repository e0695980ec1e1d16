import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FetchRequest, fetchConfig, isCached, isHubId } from '../../src/environment/checkpoint/fetch.ts';
import { temporaryDirectory } from './temporary.ts';

// That the script really fetches is tested with huggingface_hub itself, test/drivers/test_fetch_config.py.

/** A Python that does as the shell script says, whatever it is to run. */
function fetched(script: string, more: Partial<FetchRequest> = {}): Promise<string | null> {
  const python = join(temporaryDirectory(), 'python');
  writeFileSync(python, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const signal = new AbortController().signal;
  return fetchConfig('org/model', { python, script: 'fetch.py', env: { PATH: '/usr/bin:/bin' }, signal, ...more });
}

describe('what Python answers', () => {
  test('is asked with the model and the surroundings of the user', async () => {
    const env = { PATH: '/usr/bin:/bin', HF_ENDPOINT: 'http://hub' };
    expect(await fetched(`echo "{\\"problem\\": \\"$* $HF_ENDPOINT\\"}"`, { env })).toBe(
      'fetch.py org/model http://hub',
    );
  });

  test('of a revision, where one is named', async () => {
    expect(await fetched('echo "{\\"problem\\": \\"$*\\"}"', { revision: 'v1' })).toBe('fetch.py org/model v1');
  });

  test('after a greeting of its environment counts as well', async () => {
    expect(await fetched(`echo hello; echo '{"problem": null}'`)).toBeNull();
  });

  test.each(['exit 1', 'kill -9 $$', 'echo nonsense', `echo '{}'`, `echo '{"problem": null}'; echo 7`])(
    '%s: it could not be fetched, and no exception',
    async (script) => {
      expect(await fetched(script)).toMatch(/python could not fetch it$/);
    },
  );

  test('nor for a Python that is not there', async () => {
    expect(await fetched('', { python: '/nowhere/python' })).toBe('/nowhere/python could not fetch it');
  });

  test('is not waited for without end', async () => {
    expect(await fetched('exec sleep 60', { timeoutSeconds: 0.2 })).toBe('the hub did not answer within 0.2 s');
  });

  test('is not waited for when the user gives up', async () => {
    const signal = AbortSignal.timeout(100);
    await expect(fetched('exec sleep 60', { signal })).rejects.toThrow();
  });
});

test.each([
  ...['gpt2', 'Qwen/Qwen3-0.6B', 'meta-llama/Llama-3.1-70B-Instruct'].map((model) => ({ model, is: true })),
  ...['s3://bucket/model', 'a/b/c', './model', '-x/y', 'org/model:Q4_K_M', ''].map((model) => ({ model, is: false })),
])('$model is one of the hub: $is', ({ model, is }) => {
  expect(isHubId(model)).toBe(is);
});

test('cached is what has its config.json', () => {
  const hub = temporaryDirectory();
  const snapshot = join(hub, 'models--org--model', 'snapshots', 'abc');
  for (const env of [{ HF_HUB_CACHE: hub }, { HUGGINGFACE_HUB_CACHE: hub }])
    expect(isCached('org/model', env)).toBe(false);
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(join(hub, 'models--org--model', 'refs'));
  writeFileSync(join(hub, 'models--org--model', 'refs', 'main'), 'abc');
  writeFileSync(join(snapshot, 'hf_quant_config.json'), '{}');
  expect(isCached('org/model', { HF_HUB_CACHE: hub })).toBe(false);
  writeFileSync(join(snapshot, 'config.json'), '{}');
  for (const env of [{ HF_HUB_CACHE: hub }, { HUGGINGFACE_HUB_CACHE: hub }])
    expect(isCached('org/model', env)).toBe(true);
});
