import { describe, expect, test } from 'vitest';
import { configOf, found, goodRun, problemsOf, runOf, specOf } from './definition.ts';

describe('what is not written', () => {
  test('has the values that the documentation names', () => {
    expect(specOf(goodRun())).toEqual({
      name: 'a',
      mode: 'vllm_throughput',
      models: ['m'],
      lengths: [{ input_len: 1024, output_len: 1024 }],
      // as the checkpoint is
      quantizations: ['auto'],
      checkpoints: {},
      // null leaves the choice to vLLM
      kv_cache_dtypes: [null],
      max_num_seqs: [null],
      tensor_parallel_sizes: [1],
      pipeline_parallel_sizes: [1],
      prefix_lens: [0],
      num_prefixes: [1],
      // vLLM offline benchmarks send 1000 prompts; the share of memory is explicit
      num_prompts: [1000],
      gpu_memory_utilization: 0.9,
      // warm and inclusive, as docs/run-definition.md says
      prefix_mode: 'inclusive',
      prefix_state: 'warm',
      share_prefix_caching: false,
      enable_prefix_caching: null,
      max_model_len: null,
      repeats: 1,
      until: null,
      // by the device, when the run is planned
      min_duration_seconds: null,
      starts: 1,
      warmups: 16,
      seed: 0,
      env: {},
      timeout_minutes: null,
      stall_minutes: null,
      exclusive: false,
      driver: { kind: 'resident' },
      extra_args: [],
    });
  });

  test('holds for the whole file too', () => {
    expect(configOf(goodRun())).toMatchObject({ order_seed: 0, accelerators: [] });
    expect(configOf(`order_seed: 7\n${goodRun()}`).order_seed).toBe(7);
  });

  test('a driver is resident, stock, or the path of a script', () => {
    expect(specOf(goodRun('driver: stock')).driver).toEqual({ kind: 'stock' });
    expect(specOf(goodRun('driver: ./benchmark_throughput.py')).driver).toEqual({
      kind: 'script',
      path: './benchmark_throughput.py',
    });
  });
});

describe('defaults: are overridden by a run without complaint', () => {
  test.each([
    { defaults: '{repeats: 5}', run: 'repeats: 2', field: 'repeats', means: 2 },
    { defaults: '{seed: 5}', run: 'args: --seed 2', field: 'seed', means: 2 },
    { defaults: '{args: --seed 5}', run: 'seed: 2', field: 'seed', means: 2 },
    { defaults: '{args: --seed 5}', run: 'args: --seed 2', field: 'seed', means: 2 },
    { defaults: '{args: -tp 8}', run: 'tensor_parallel_sizes: [1, 2]', field: 'tensor_parallel_sizes', means: [1, 2] },
    { defaults: '{tensor_parallel_sizes: [1, 2]}', run: 'args: -tp 8', field: 'tensor_parallel_sizes', means: [8] },
    { defaults: '{prefix_lens: [0, 64]}', run: 'args: --prefix-len 32', field: 'prefix_lens', means: [32] },
    { defaults: '{args: --prefix-len 32}', run: 'prefix_lens: [0, 64]', field: 'prefix_lens', means: [0, 64] },
    {
      defaults: '{share_prefix_caching: true}',
      run: 'share_prefix_caching: false',
      field: 'share_prefix_caching',
      means: false,
    },
    {
      defaults: '{args: --enable-prefix-caching}',
      run: 'args: --no-enable-prefix-caching',
      field: 'enable_prefix_caching',
      means: false,
    },
    { defaults: '{quantization: fp8}', run: 'quantization: none', field: 'quantizations', means: [null] },
    { defaults: '{quantization: fp8}', run: 'quantization: auto', field: 'quantizations', means: ['auto'] },
    {
      defaults: '{quantization: fp8, checkpoints: {fp8: x}}',
      run: 'checkpoints: {fp8: y}',
      field: 'checkpoints',
      means: { fp8: 'y' },
    },
    {
      defaults: '{until: {cv: 0.03, max_repeats: 9}}',
      run: 'until: {cv: 0.1, max_repeats: 5}',
      field: 'until',
      means: { cv: 0.1, max_repeats: 5 },
    },
    { defaults: '{min_duration_seconds: 9}', run: 'min_duration_seconds: 0', field: 'min_duration_seconds', means: 0 },
    { defaults: '{max_model_len: 4096}', run: 'max_model_len: per_point', field: 'max_model_len', means: 'per_point' },
    { defaults: '{driver: stock}', run: 'driver: resident', field: 'driver', means: { kind: 'resident' } },
  ] as const)('$defaults, then $run', ({ defaults, run, field, means }) => {
    expect(specOf(`defaults: ${defaults}\n${goodRun(run)}`)[field]).toEqual(means);
  });

  test('lengths of a run replace those of the defaults, whichever of the two ways they are said in', () => {
    const defaults = 'defaults: {workloads: [chatbot]}\n';
    const lines = ['mode: vllm_throughput', 'model: m', 'length_configs: [{input_len: 5, output_len: 6}]'];
    expect(specOf(defaults + runOf(...lines)).lengths).toEqual([{ input_len: 5, output_len: 6 }]);
    const args = ['mode: vllm_throughput', 'model: m', 'args: --input-len 7 --output-len 8'];
    expect(specOf(defaults + runOf(...args)).lengths).toEqual([{ input_len: 7, output_len: 8 }]);
  });

  test('an environment is merged by variable, and numbers become text', () => {
    const text = `defaults: {env: {A: 1, B: two}}\n${goodRun('env: {B: 3, C: true}')}`;
    expect(specOf(text).env).toEqual({ A: '1', B: '3', C: 'true' });
  });

  test('holds for one run and not for its neighbour', () => {
    const text = [
      'defaults: {mode: vllm_throughput, model: m, workloads: [chatbot], repeats: 5}',
      'standalone_runs:',
      '  - {name: a, repeats: 2}',
      '  - {name: b}',
    ].join('\n');
    expect(configOf(text).runs.map(({ repeats }) => repeats)).toEqual([2, 5]);
  });
});

describe('a default that is wrong', () => {
  test('is said once, however many runs take it', () => {
    const text = [
      'defaults: {mode: vllm_throughput, model: m, workloads: [«chatbt»]}',
      'standalone_runs: [{name: a}, {name: b}, {name: c}]',
    ].join('\n');
    const { marked, places } = found(text);
    expect(places).toEqual(marked);
  });

  test('is no matter for a run that does not take it', () => {
    const text = `defaults: {workloads: [chatbt]}\n${goodRun()}`;
    expect(problemsOf(text)).toEqual([]);
  });

  // A single length in a run's args, with the pair of lengths in the defaults, is dropped in silence.
  test('half a pair of lengths in args says something against the lengths that it would be lost in', () => {
    const defaults = 'defaults: {length_configs: [{input_len: 10, output_len: 10}]}\n';
    const text = defaults + runOf('mode: vllm_throughput', 'model: m', 'args: --input-len 100');
    expect(problemsOf(text)).not.toEqual([]);
  });
});
