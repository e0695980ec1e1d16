import { describe, expect, test } from 'vitest';
import { found, goodRun, problemsOf, runOf } from './definition.ts';

const lengths = (text: string) => runOf('mode: vllm_throughput', 'model: m', `length_configs: ${text}`);

describe('a value that cannot be, at its place, with what was expected', () => {
  test.each([
    { text: lengths('[{input_len: «-128», output_len: 32}]'), says: 'input_len: expected at least 1, got -128' },
    { text: lengths('[{input_len: 8, output_len: «0»}]'), says: 'output_len: expected at least 1, got 0' },
    {
      text: lengths('[{input_len: 8, output_len: 8, prefix_len: «-1»}]'),
      says: 'prefix_len: expected at least 0, got -1',
    },
    { text: lengths('[{input_len: «1.5», output_len: 8}]'), says: 'input_len: expected a whole number, got 1.5' },
    { text: lengths('[{input_len: «"8"», output_len: 8}]'), says: 'input_len: expected a number, got "8"' },
    { text: lengths('«[]»'), says: 'length_configs is an empty list' },
    { text: lengths('[«{input_len: 8}»]'), says: 'output_len is missing' },
    { text: 'standalone_runs: «[]»\n', says: 'standalone_runs is an empty list' },
    { text: goodRun('tensor_parallel_sizes: «[]»'), says: 'tensor_parallel_sizes is an empty list' },
    { text: goodRun('quantization: «[]»'), says: 'quantization is an empty list' },
    { text: runOf('mode: vllm_throughput', 'model: m', 'workloads: «[]»'), says: 'workloads is an empty list' },
    {
      text: goodRun('tensor_parallel_sizes: [1, «-2»]'),
      says: 'tensor_parallel_sizes[1]: expected at least 1, got -2',
    },
    { text: goodRun('tensor_parallel_sizes: «0»'), says: 'tensor_parallel_sizes: expected at least 1, got 0' },
    { text: goodRun('num_prompts: [«many»]'), says: 'num_prompts[0]: expected a number, got "many"' },
    { text: goodRun('repeats: «0»'), says: 'repeats: expected at least 1, got 0' },
    { text: goodRun('until: {cv: «0», max_repeats: 9}'), says: 'cv: expected more than 0, got 0' },
    { text: goodRun('until: {cv: «3», max_repeats: 9}'), says: 'cv: expected at most 1, got 3' },
    { text: goodRun('until: {cv: 0.1, max_repeats: «2»}'), says: 'max_repeats: expected at least 3, got 2' },
    { text: goodRun('until: «{cv: 0.03}»'), says: 'max_repeats is missing' },
    { text: goodRun('min_duration_seconds: «-1»'), says: 'min_duration_seconds: expected at least 0, got -1' },
    { text: `order_seed: «-1»\n${goodRun()}`, says: 'order_seed: expected at least 0, got -1' },
    { text: goodRun('quantization: fp8', 'checkpoints: {fp8: «3»}'), says: 'fp8: expected a text, got 3' },
    { text: goodRun('checkpoints: «org/m-FP8»'), says: 'checkpoints: expected a map, got "org/m-FP8"' },
    { text: goodRun('gpu_memory_utilization: «1.01»'), says: 'gpu_memory_utilization: expected at most 1, got 1.01' },
    { text: goodRun('gpu_memory_utilization: «0»'), says: 'gpu_memory_utilization: expected more than 0, got 0' },
    { text: goodRun('timeout_minutes: «-1»'), says: 'timeout_minutes: expected more than 0, got -1' },
    { text: goodRun('prefix_mode: «both»'), says: 'prefix_mode: expected inclusive or additive, got "both"' },
    {
      text: goodRun('share_prefix_caching: «maybe»'),
      says: 'share_prefix_caching: expected true or false, got "maybe"',
    },
    { text: goodRun('env: {«2A»: b}'), says: '2A is not a name that an environment variable can have' },
    { text: goodRun('«seed»:'), says: 'seed: expected a number, got nothing' },
    { text: `retries: «-1»\n${goodRun()}`, says: 'retries: expected at least 0, got -1' },
  ])('$says', ({ text, says }) => {
    const { marked, places, messages } = found(text);
    expect(messages).toEqual([says]);
    expect(places).toEqual(marked);
  });

  test('a hint shows a value that is right', () => {
    expect(found(lengths('[{input_len: «-128», output_len: 32}]')).hints).toEqual(['write: input_len: 1024']);
    expect(found(goodRun('tensor_parallel_sizes: «[]»')).hints).toEqual(['write: tensor_parallel_sizes: [1, 2, 4, 8]']);
  });

  test('a variable called like something of every object is shown no nonsense', () => {
    expect(found(goodRun('env: {constructor: «[1]»}')).hints.join()).not.toContain('native code');
  });

  test('infinity is called what was written', () => {
    expect(found(goodRun('repeats: «.inf»')).messages.join()).not.toContain('null');
  });
});

describe('a run that lacks something', () => {
  test.each([
    { lines: ['model: m', 'workloads: [chatbot]'], says: 'mode is missing' },
    { lines: ['mode: vllm_throughput', 'workloads: [chatbot]'], says: 'this run has no model' },
    { lines: ['mode: vllm_throughput', 'model: m'], says: 'this run has no lengths' },
  ])('$says: $lines', ({ lines, says }) => {
    const { marked, places, messages } = found(runOf(...lines).replace('name:', '«name»:'));
    expect(places).toEqual(marked);
    expect(messages).toEqual([says]);
  });
});

describe('one of two lengths in args', () => {
  test.each([
    { args: '«--input-len» 5', missing: '--output-len' },
    { args: '«--output-len» 5', missing: '--input-len' },
  ])('$args', ({ args, missing }) => {
    const { marked, places, messages } = found(runOf('mode: vllm_throughput', 'model: m', `args: ${args}`));
    expect(places).toEqual(marked);
    expect(messages).toEqual([expect.stringContaining(`${missing} is missing beside it`)]);
  });
});

describe('a shared prefix longer than the input', () => {
  test.each([
    { text: lengths('[{input_len: 10, output_len: 5, prefix_len: «11»}]') },
    { text: lengths('[{input_len: 100, output_len: 5}, {input_len: 10, output_len: 5}]\n    prefix_lens: «[5, 50]»') },
  ])('$text', ({ text }) => {
    const { marked, places, hints } = found(text);
    expect(places).toEqual(marked);
    expect(hints).toEqual([expect.stringContaining('prefix_mode: additive')]);
  });

  test('is what additive means', () => {
    const text = runOf(
      'mode: vllm_throughput',
      'model: m',
      'prefix_mode: additive',
      'length_configs: [{input_len: 10, output_len: 5, prefix_len: 11}]',
    );
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('until', () => {
  test('cannot end before the repeats that are made in any case', () => {
    const { marked, places, messages, hints } = found(goodRun('repeats: 5', 'until: {cv: 0.03, max_repeats: «4»}'));
    expect(places).toEqual(marked);
    expect(messages).toEqual(['max_repeats 4 is less than repeats 5, which are made in any case']);
    expect(hints).toEqual(['write: max_repeats: 10, or fewer repeats']);
    expect(problemsOf(goodRun('repeats: 5', 'until: {cv: 0.03, max_repeats: 5}'))).toEqual([]);
  });

  test.each(['stock', './benchmark_throughput.py'])('needs a driver that can go on: not %s', (driver) => {
    const { marked, places, hints } = found(goodRun(`driver: ${driver}`, '«until»: {cv: 0.03, max_repeats: 4}'));
    expect(places).toEqual(marked);
    expect(hints).toEqual(['use driver: resident, or repeats without until']);
  });
});

describe('a number of vLLM’s own way of writing, in args', () => {
  // vLLM's parser: '1k' -> 1,000, '1K' -> 1,024, '25.6k' -> 25,600
  test.each([
    { written: '1k', plain: 1000 },
    { written: '1K', plain: 1024 },
    { written: '25.6k', plain: 25_600 },
    { written: '2M', plain: 2 * 1024 * 1024 },
  ])('$written is answered with $plain', ({ written, plain }) => {
    const { marked, places, hints } = found(goodRun(`args: «--max-model-len» ${written}`));
    expect(places).toEqual(marked);
    expect(hints).toEqual([`write ${plain}`]);
  });

  test.each(['1x', 'k', '1.0001k', '1 k'])('%s is nothing that vLLM reads either', (written) => {
    expect(found(goodRun(`args: --max-model-len "${written}"`)).hints).toEqual([null]);
  });
});

describe('a sweep of more points than the limit', () => {
  // 11 x 10 = 110 points
  const text = goodRun(
    `num_prompts: [${Array.from({ length: 11 }, (_, i) => i + 1)}]`,
    `max_num_seqs: [${Array.from({ length: 10 }, (_, i) => i + 1)}]`,
  );

  test('is a problem of the largest run, which says how many', () => {
    const small = `  - name: b\n    mode: vllm_throughput\n    model: m\n    workloads: [chatbot]\n`;
    const problems = problemsOf(text + small, 110);
    expect(problems).toHaveLength(1);
    // name: a, in the second line
    expect(problems[0]).toMatchObject({ line: 2, column: 11 });
    expect(problems[0]?.message).toContain('111 points, 110 of them in this run; at most 110');
    expect(problems[0]?.hint).toContain('--max-jobs');
  });

  test('is fine at the limit', () => {
    expect(problemsOf(text, 110)).toEqual([]);
  });
});
