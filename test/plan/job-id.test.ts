import { describe, expect, onTestFinished, test } from 'vitest';
import { identity, jobId } from '../../src/plan/identity.ts';
import { METHOD_VERSION } from '../../src/schema/driver-protocol.ts';
import type { EngineSettings } from '../../src/schema/engine.ts';
import type { Facts } from '../../src/schema/facts.ts';
import type { Workload } from '../../src/schema/workload.ts';
import { goodRun, runOf } from '../config/definition.ts';
import { engineOf, workloadOf } from '../summary/clean.ts';
import { B200S, checkpoint, jobs, onlyJob, planOf, vllm } from './plans.ts';

const FACTS: Facts = {
  capabilities: vllm('0.32.0'),
  checkpoints: [checkpoint({ model: 'builtin:tiny' })],
  devices: B200S,
};

/** Another value for every engine setting: a field without a line here does not compile. */
const ENGINE: { [Field in keyof EngineSettings]-?: EngineSettings[Field] } = {
  model: 'other',
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

describe('the id of a job is not changed by what cannot change its number', () => {
  const id = (text: string, facts = FACTS) => onlyJob(planOf(text, facts)).id;
  const base = id(goodRun());

  test.each([
    { what: 'repeats', text: goodRun('repeats: 7') },
    { what: 'starts', text: goodRun('starts: 3') },
    { what: 'the time limit', text: goodRun('timeout_minutes: 5') },
    { what: 'the name of the run', text: goodRun().replace('name: a', 'name: other') },
    { what: 'retries', text: `retries: 5\nretry_delay_seconds: 1\n${goodRun()}` },
    { what: 'paths', text: `python: /opt/python\noutput_dir: /tmp/x\n${goodRun()}` },
    {
      what: 'defaults spelt out',
      text: goodRun('seed: 0', 'warmups: 16', 'num_prompts: 1000', 'tensor_parallel_sizes: 1'),
    },
    {
      what: 'saying it in args',
      text: runOf('mode: vllm_throughput', 'workloads: chatbot', 'args: --model m -tp 1 --seed=0'),
    },
    {
      what: 'a workload by name or by numbers',
      text: goodRun().replace('workloads: [chatbot]', 'length_configs: [{input_len: 1024, output_len: 1024}]'),
    },
  ])('$what', ({ text }) => {
    expect(id(text)).toBe(base);
  });

  test.each([
    { what: 'the number of devices', facts: { ...FACTS, devices: { ...DEVICES, count: 2, memory_bytes: null } } },
    {
      what: 'the Python that runs vLLM',
      facts: { ...FACTS, capabilities: { ...vllm('0.32.0'), python_version: '3.11.0' } },
    },
    {
      what: 'where another model lies',
      facts: { ...FACTS, checkpoints: [checkpoint({ model: 'other', path: '/x' })] },
    },
  ])('$what', ({ facts }) => {
    expect(id(goodRun(), facts)).toBe(base);
  });

  test('where the checkpoint lies', () => {
    const at = (path: string) => id(goodRun(), { ...FACTS, checkpoints: [checkpoint({ path })] });
    expect(at('/here')).toBe(at('/there'));
  });

  test('the order of keys, of variables and of lists', () => {
    const idsOf = (text: string) =>
      jobs(planOf(text))
        .map((job) => job.id)
        .toSorted();
    const one = runOf(
      'mode: vllm_throughput',
      'model: m',
      'env: {A: 1, B: 2}',
      'workloads: [chatbot, reasoning]',
      'tensor_parallel_sizes: [1, 2]',
    );
    const other = runOf(
      'tensor_parallel_sizes: [2, 1]',
      'workloads: [reasoning, chatbot]',
      'env: {B: 2, A: 1}',
      'model: m',
      'mode: vllm_throughput',
    );
    expect(idsOf(other)).toEqual(idsOf(one));
  });

  test('inclusive and additive lengths that mean one prompt are one job', () => {
    const inclusive = runOf(
      'mode: vllm_throughput',
      'model: m',
      'length_configs: [{input_len: 8192, output_len: 2048, prefix_len: 7900}]',
    );
    // 8192 - 7900 = 292 tokens follow the shared part
    const additive = runOf(
      'mode: vllm_throughput',
      'model: m',
      'prefix_mode: additive',
      'length_configs: [{input_len: 292, output_len: 2048, prefix_len: 7900}]',
    );
    expect(id(additive)).toBe(id(inclusive));
  });
});
