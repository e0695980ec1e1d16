import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { vllm } from '../plan/plans.ts';
import { commandsOf, flagsOf } from './commands.ts';

/** What a version's `vllm bench throughput` takes, read out of the published package (fixtures/packages/README.md). */
interface Recorded {
  readonly version: string;
  readonly flags: readonly { readonly names: readonly string[]; readonly action?: string }[];
}

const FOLDER = new URL('../../fixtures/packages/', import.meta.url);
const VERSIONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Recorded);

/** Every name that the version's parser knows; `--no-...` comes with a flag that can be switched off. */
function known({ flags }: Recorded): Set<string> {
  return new Set(
    flags.flatMap(({ names, action }) =>
      action === 'BooleanOptionalAction' ? [...names, ...names.map((name) => name.replace('--', '--no-'))] : names,
    ),
  );
}

/** Everything that the run definition has a field for. */
const definition = (driver: string) => `
standalone_runs:
  - name: everything
    mode: vllm_throughput
    driver: ${driver}
    model: m
    quantization: [none, fp8]
    kv_cache_dtype: [auto, fp8]
    tensor_parallel_sizes: [2]
    pipeline_parallel_sizes: [2]
    max_num_seqs: 64
    max_model_len: 4096
    gpu_memory_utilization: 0.8
    warmups: 3
    length_configs:
      - {input_len: 128, output_len: 32}
      - {input_len: 512, output_len: 32, prefix_len: 384}
`;

describe.each(VERSIONS)('vLLM $version', (recorded) => {
  test.each(['resident', 'stock'])('has every flag that a run with the %s driver gives it', (driver) => {
    const facts = { capabilities: vllm(recorded.version) };
    const given = commandsOf(definition(driver), facts).flatMap(flagsOf);
    expect(given.length).toBeGreaterThan(20);
    const unknown = given.map((flag) => flag.split(' ')[0] ?? '').filter((name) => !known(recorded).has(name));
    expect(unknown).toEqual([]);
  });
});

test('a length flag of the newer versions would be noticed in the older', () => {
  const oldest = VERSIONS.find(({ version }) => version === '0.13.0');
  expect(oldest && known(oldest).has('--random-input-len')).toBe(false);
  expect(oldest && known(oldest).has('--input-len')).toBe(true);
});
