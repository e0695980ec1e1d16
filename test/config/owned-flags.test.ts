import { describe, expect, test } from 'vitest';
import type { RunSpec } from '../../src/schema/run-config.ts';
import { runOf, specOf } from './definition.ts';

/** Flags as `vllm bench throughput --help` spells them, with the field that each belongs to. */
const FLAGS: readonly { flag: string; short?: string; written: string; field: keyof RunSpec; means: unknown }[] = [
  { flag: '--model', written: 'org/model-8B', field: 'models', means: ['org/model-8B'] },
  { flag: '--quantization', short: '-q', written: 'fp8', field: 'quantizations', means: ['fp8'] },
  { flag: '--kv-cache-dtype', written: 'fp8_e4m3', field: 'kv_cache_dtypes', means: ['fp8_e4m3'] },
  { flag: '--tensor-parallel-size', short: '-tp', written: '8', field: 'tensor_parallel_sizes', means: [8] },
  { flag: '--pipeline-parallel-size', short: '-pp', written: '2', field: 'pipeline_parallel_sizes', means: [2] },
  { flag: '--max-num-seqs', written: '64', field: 'max_num_seqs', means: [64] },
  { flag: '--max-model-len', written: '20000', field: 'max_model_len', means: 20000 },
  { flag: '--gpu-memory-utilization', written: '0.85', field: 'gpu_memory_utilization', means: 0.85 },
  { flag: '--num-prompts', written: '500', field: 'num_prompts', means: [500] },
  { flag: '--num-warmups', written: '3', field: 'warmups', means: 3 },
  { flag: '--seed', written: '42', field: 'seed', means: 42 },
  { flag: '--prefix-len', written: '100', field: 'prefix_lens', means: [100] },
  { flag: '--random-prefix-len', written: '100', field: 'prefix_lens', means: [100] },
];

const spellings = FLAGS.flatMap(({ flag, short, written, ...rest }) => {
  const underscored = `--${flag.slice(2).replaceAll('-', '_')}`;
  const shorts = short === undefined ? [] : [`${short} ${written}`, `${short}=${written}`];
  return [
    `${flag} ${written}`,
    `${flag}=${written}`,
    `${underscored} ${written}`,
    `${underscored}=${written}`,
    ...shorts,
  ]
    .filter((args, index, all) => all.indexOf(args) === index)
    .map((args) => ({ args, ...rest }));
});

describe('an owned flag in args is lifted into its field, however it is spelt', () => {
  test.each(spellings)('$args', ({ args, field, means }) => {
    const model = args.startsWith('--model') ? [] : ['model: m'];
    const spec = specOf(runOf('mode: vllm_throughput', 'workloads: [chatbot]', ...model, `args: ${args}`));
    expect(spec[field]).toEqual(means);
    expect(spec.extra_args).toEqual([]);
  });
});

describe('lengths in args are the lengths of the run', () => {
  test.each([
    '--input-len 300 --output-len 20',
    '--input_len=300 --output_len=20',
    '--random-input-len 300 --random-output-len 20',
    '--dataset-name random --random-range-ratio 0.0 --random_input_len=300 --output-len 20',
  ])('%s', (args) => {
    const spec = specOf(runOf('mode: vllm_throughput', 'model: m', `args: ${args}`));
    expect(spec.lengths).toEqual([{ input_len: 300, output_len: 20 }]);
    expect(spec.extra_args).toEqual([]);
  });
});

describe('a switch of prefix caching is lifted', () => {
  test.each([
    { args: '--enable-prefix-caching', means: true },
    { args: '--enable_prefix_caching', means: true },
    { args: '--no-enable-prefix-caching', means: false },
    { args: '--no_enable_prefix_caching', means: false },
    { args: '--enforce-eager', means: null },
  ])('$args', ({ args, means }) => {
    const spec = specOf(runOf('mode: vllm_throughput', 'model: m', 'workloads: [chatbot]', `args: ${args}`));
    expect(spec.enable_prefix_caching).toBe(means);
  });
});

describe('words that say what is the case anyway', () => {
  test.each(['--dataset-name random', '--backend vllm', '--backend=vllm', '--n 1', '-dp 1', '--data_parallel_size=1'])(
    '%s is taken out without complaint',
    (args) => {
      const spec = specOf(runOf('mode: vllm_throughput', 'model: m', 'workloads: [chatbot]', `args: ${args}`));
      expect(spec.extra_args).toEqual([]);
    },
  );
});

describe('none and auto', () => {
  test('leave the choice to vLLM', () => {
    const spec = specOf(
      runOf('mode: vllm_throughput', 'model: m', 'workloads: [chatbot]', 'args: -q none --kv-cache-dtype auto'),
    );
    expect(spec.quantizations).toEqual([null]);
    expect(spec.kv_cache_dtypes).toEqual([null]);
  });
});
