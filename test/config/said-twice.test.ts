import { describe, expect, test } from 'vitest';
import { found, goodRun, problemsOf, runOf, specOf } from './definition.ts';

/** A run with one field and `args`, and with a model in any case. */
function runWith(field: string, args: string): string {
  const model = field.startsWith('model:') ? [] : ['model: m'];
  return runOf('mode: vllm_throughput', 'workloads: [chatbot]', ...model, field, `args: ${args}`);
}

describe('the same thing said twice with two values is an error that shows both places', () => {
  test('a field and args', () => {
    const { marked, places, messages } = found(goodRun('tensor_parallel_sizes: [4]', 'args: --dtype half «-tp» 8'));
    expect(places).toEqual(marked);
    // line 6: the fourth line of the run; its key is indented by 4
    expect(messages).toEqual(['args say -tp 8, but tensor_parallel_sizes at 6:5 says [4]']);
  });

  test.each([
    { field: 'model: n', args: '--model o' },
    { field: 'quantization: fp8', args: '-q fp4' },
    { field: 'quantization: [none, fp8]', args: '-q fp8' },
    { field: 'kv_cache_dtype: fp8', args: '--kv-cache-dtype auto' },
    { field: 'pipeline_parallel_sizes: 2', args: '-pp=1' },
    { field: 'max_num_seqs: [8, 16]', args: '--max-num-seqs 8' },
    { field: 'num_prompts: 10', args: '--num-prompts 11' },
    { field: 'warmups: 0', args: '--num-warmups 1' },
    { field: 'seed: 0', args: '--seed 1' },
    { field: 'max_model_len: 4096', args: '--max-model-len 4097' },
    { field: 'max_model_len: per_point', args: '--max-model-len 4097' },
    { field: 'gpu_memory_utilization: 0.9', args: '--gpu-memory-utilization 0.91' },
    { field: 'prefix_lens: [0, 100]', args: '--prefix-len 100' },
  ])('$field and $args', ({ field, args }) => {
    const text = runWith(field, args);
    const [problem, ...others] = problemsOf(text);
    expect(others).toEqual([]);
    const name = field.slice(0, field.indexOf(':'));
    const line = text.split('\n').findIndex((candidate) => candidate.trim() === field) + 1;
    expect(problem).toMatchObject({ line: line + 1, column: 'args: '.length + 5 });
    expect(problem?.message).toContain(`${name} at ${line}:5`);
  });

  test('args and a list of lengths, each contradicted number once', () => {
    const { marked, places, messages } = found(
      runOf(
        'mode: vllm_throughput',
        'model: m',
        'length_configs:',
        '  - {input_len: 128, output_len: 32, prefix_len: 16}',
        'args: «--input-len» 129 «--random-output-len=33» «--prefix-len» 17',
      ),
    );
    expect(places).toEqual(marked);
    expect(messages).toEqual([
      'args say --input-len 129, but input_len at 6:10 says 128',
      'args say --random-output-len=33, but output_len at 6:26 says 32',
      'args say --prefix-len 17, but prefix_len at 6:42 says 16',
    ]);
  });

  test('args and args', () => {
    const { marked, places, messages } = found(goodRun('args: --seed 1 --dtype half «--seed» 2'));
    expect(places).toEqual(marked);
    expect(messages).toEqual(['args say --seed 2, but at 6:11 --seed 1']);
  });

  test('args and args in two spellings', () => {
    const args = 'args: -tp 2 «--tensor_parallel_size=4» --input-len 5 «--random-input-len» 6 --output-len 7';
    const { marked, places, messages } = found(runOf('mode: vllm_throughput', 'model: m', args));
    expect(places).toEqual(marked);
    expect(messages).toEqual([
      'args say --tensor_parallel_size=4, but at 5:11 -tp 2',
      expect.stringMatching(/^args say --random-input-len 6, but at 5:\d+ --input-len 5$/),
    ]);
  });

  test('both switches of prefix caching', () => {
    const { marked, places, messages } = found(goodRun('args: --enable-prefix-caching «--no-enable-prefix-caching»'));
    expect(places).toEqual(marked);
    expect(messages).toEqual(['args say --no-enable-prefix-caching, but at 6:11 --enable-prefix-caching']);
  });

  test('a word that ends in the same letters is not the flag', () => {
    const { marked, places } = found(goodRun('tensor_parallel_sizes: [4]', 'args: --x my--seed «-tp» 8'));
    expect(places).toEqual(marked);
  });

  test('a word that ends in the flag is not the flag', () => {
    const { marked, places } = found(goodRun('tensor_parallel_sizes: [4]', 'args: --served-model-name my-tp «-tp» 8'));
    expect(places).toEqual(marked);
  });

  // An explicit length that is dropped in silence measures something else than was asked for.
  test.each(['args: «--input-len» 100', 'args: «--output-len=100»', 'args: --dtype half «--prefix-len» 100'])(
    '%s beside a workload that says something else',
    (args) => {
      const { marked, places } = found(
        runOf('mode: vllm_throughput', 'model: m', 'workloads: [codegen-high-cache]', args),
      );
      expect(places).toEqual(marked);
    },
  );

  test('a number that stands earlier in args too is not the one that is meant', () => {
    const lines = ['mode: vllm_throughput', 'model: m', 'workloads: [chatbot]', 'args: --x 100 «--input-len» 100'];
    const { marked, places } = found(runOf(...lines));
    expect(places).toEqual(marked);
  });

  test('share_prefix_caching and --no-enable-prefix-caching', () => {
    const { marked, places } = found(goodRun('share_prefix_caching: true', 'args: «--no-enable-prefix-caching»'));
    expect(places).toEqual(marked);
  });
});

describe('the same thing said twice with one value is fine', () => {
  test.each([
    { field: 'tensor_parallel_sizes: [8]', args: '-tp 8' },
    { field: 'tensor_parallel_sizes: 8', args: '--tensor-parallel-size=8' },
    { field: 'quantization: fp8', args: '-q fp8' },
    { field: 'seed: 7', args: '--seed 7 --seed=7' },
    { field: 'gpu_memory_utilization: 0.90', args: '--gpu-memory-utilization 0.9' },
    { field: 'prefix_lens: [100]', args: '--prefix-len 100' },
    { field: 'model: m', args: '--model m' },
  ])('$field and $args', ({ field, args }) => {
    expect(problemsOf(runWith(field, args))).toEqual([]);
  });

  test('lengths', () => {
    const lengths = 'length_configs: [{input_len: 128, output_len: 32, prefix_len: 16}]';
    const args = 'args: --input-len 128 --output-len=32 --random-prefix-len 16';
    const spec = specOf(runOf('mode: vllm_throughput', 'model: m', lengths, args));
    expect(spec.lengths).toEqual([{ input_len: 128, output_len: 32, prefix_len: 16 }]);
  });
});
