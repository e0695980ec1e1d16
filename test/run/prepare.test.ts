import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../../src/errors/refusal.ts';
import { gatherFacts } from '../../src/run/prepare.ts';
import { configOf, goodRun } from '../config/definition.ts';
import { emptyFolder } from '../journal/folder.ts';

/** Attention heads that the facts say of `org/m`, whose branch `main` has 4 and whose `v2` has 8. */
async function headsOf(...args: readonly (string | null)[]): Promise<number | null | undefined> {
  const cache = emptyFolder();
  const root = join(cache, 'models--org--m');
  mkdirSync(join(root, 'refs'), { recursive: true });
  for (const [ref, num_attention_heads] of Object.entries({ main: 4, v2: 8 })) {
    mkdirSync(join(root, 'snapshots', ref), { recursive: true });
    writeFileSync(join(root, 'refs', ref), ref);
    writeFileSync(join(root, 'snapshots', ref, 'config.json'), JSON.stringify({ num_attention_heads }));
  }
  const runs = args.map((words, index) => ({
    ...{ name: `r${index}`, mode: 'vllm_throughput', model: 'org/m', workloads: ['chatbot'] },
    ...(words === null ? {} : { args: words }),
  }));
  const facts = await gatherFacts({
    config: configOf(JSON.stringify({ standalone_runs: runs })),
    python: null,
    cwd: cache,
    env: { HF_HUB_CACHE: cache },
    builtin: () => null,
  });
  return facts.checkpoints[0]?.num_attention_heads;
}

test('what is known of a model is known of the revision that its runs use', async () => {
  expect(await headsOf(null)).toBe(4);
  for (const words of ['--revision v2', '--revision=v2', '--revision main --revision v2'])
    expect(await headsOf(words, words)).toBe(8);
  expect(await headsOf('--revision v3')).toBeNull();
});

test('runs that use several: nothing is known', async () => {
  expect(await headsOf('--revision v2', '--revision main')).toBeNull();
  expect(await headsOf('--revision v2', null)).toBeNull();
});

test('devices that are not here refuse a run, and not somebody who looks at its plan', async () => {
  const config = { ...configOf(goodRun()), devices: ['9999'] };
  const request = { config, python: null, cwd: emptyFolder(), env: {}, builtin: () => null };
  await expect(gatherFacts(request)).rejects.toThrow(Refusal);
  const { devices } = await gatherFacts({ ...request, onlyToLook: true });
  expect(devices?.count).toBeGreaterThan(0);
  expect(devices?.ids ?? []).not.toContain('9999');
});
