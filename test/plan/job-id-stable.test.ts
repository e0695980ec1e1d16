import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/schema/facts.ts';
import { goodRun, runOf } from '../config/definition.ts';
import { B200S, checkpoint, jobs, onlyJob, planOf, vllm } from './plans.ts';

const DEVICES = B200S;
const FACTS: Facts = {
  capabilities: vllm('0.32.0'),
  checkpoints: [checkpoint({ model: 'builtin:tiny' })],
  devices: DEVICES,
};

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
