import { describe, expect, onTestFinished, test } from 'vitest';
import { identity, jobId } from '../../src/plan/identity.ts';
import { METHOD_VERSION } from '../../src/schema/driver-protocol.ts';
import type { EngineSettings } from '../../src/schema/engine.ts';
import type { Facts } from '../../src/schema/facts.ts';
import type { Workload } from '../../src/schema/workload.ts';
import { engineOf, workloadOf } from '../summary/clean.ts';
import { B200S, checkpoint, vllm } from './plans.ts';

const FACTS: Facts = {
  capabilities: vllm('0.32.0'),
  checkpoints: [checkpoint({ model: 'builtin:tiny' })],
  devices: B200S,
};

/** Another value for every engine setting: a field without a line here does not compile. */
const ENGINE: { [Field in keyof EngineSettings]-?: EngineSettings[Field] } = {
  model: 'other',
  checkpoint: 'another/place',
  quantization: 'fp8',
  kv_cache_dtype: 'auto',
  tensor_parallel_size: 4,
  pipeline_parallel_size: 2,
  max_num_seqs: null,
  gpu_memory_utilization: 0.8,
  enable_prefix_caching: true,
  max_model_len: 4096,
  extra_args: ['--enforce-eager'],
  env: { VLLM_ATTENTION_BACKEND: 'FLASHINFER' },
  driver: { kind: 'stock' },
};

/** What was written (`input_len`, `prefix_len`, `prefix_mode`) is not what is measured. */
type Measured = Omit<Workload, 'input_len' | 'prefix_len' | 'prefix_mode' | 'load_shape'>;
const WORKLOAD: { [Field in keyof Measured]-?: Measured[Field] } = {
  prompt_len: 129,
  shared_len: 1,
  output_len: 33,
  num_prefixes: 2,
  num_prompts: 5,
  prefix_state: 'cold',
  warmups: 3,
  seed: 8,
};

const DEVICES = B200S;
const HOST: readonly Partial<Facts>[] = [
  { capabilities: vllm('0.32.1') },
  { capabilities: null },
  { checkpoints: [checkpoint({ model: 'builtin:tiny', config_sha256: 'decaf' })] },
  { devices: { ...DEVICES, name: 'NVIDIA H200' } },
  { devices: { ...DEVICES, kind: 'rocm' } },
  { devices: null },
];

function idOf(
  engine: Partial<EngineSettings>,
  workload: Partial<Workload>,
  facts: Partial<Facts>,
  mode = 'vllm_throughput',
) {
  return jobId(identity(mode, engineOf(engine), { ...FACTS, ...facts }), workloadOf(workload));
}

describe('the id of a job is changed by everything that can change its number', () => {
  const base = idOf({}, {}, {});
  const ids: [string, string][] = [
    ...Object.entries(ENGINE).map(([field, value]): [string, string] => [field, idOf({ [field]: value }, {}, {})]),
    ...Object.entries(WORKLOAD).map(([field, value]): [string, string] => [field, idOf({}, { [field]: value }, {})]),
    ...HOST.map((facts): [string, string] => [JSON.stringify(facts), idOf({}, {}, facts)]),
    ['another mode', idOf({}, {}, {}, 'serve')],
    ['another script', idOf({ driver: { kind: 'script', path: 'a.py' } }, {}, {})],
    ['a script elsewhere', idOf({ driver: { kind: 'script', path: 'b.py' } }, {}, {})],
    ['another variable', idOf({ env: { VLLM_ATTENTION_BACKEND: 'FLASH_ATTN' } }, {}, {})],
    ['another order of flags', idOf({ extra_args: ['--a', '--b'] }, {}, {})],
    ['words joined', idOf({ extra_args: ['--a --b'] }, {}, {})],
  ];

  test.each(ids)('%s', (_, id) => {
    expect(id).not.toBe(base);
  });

  test('no two of these changes have one id', () => {
    expect(new Set([base, ...ids.map(([, id]) => id)]).size).toBe(ids.length + 1);
  });

  test('a driver that measures in another way', () => {
    const { resident } = METHOD_VERSION;
    onTestFinished(() => {
      Object.assign(METHOD_VERSION, { resident });
    });
    Object.assign(METHOD_VERSION, { resident: resident + 1 });
    expect(idOf({}, {}, {})).not.toBe(base);
  });

  test('it is 16 hexadecimal digits', () => {
    expect(base).toMatch(/^[0-9a-f]{16}$/);
  });
});
