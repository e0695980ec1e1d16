import { describe, expect, test } from 'vitest';
import { found } from './definition.ts';

describe('every problem of a file is said at once, in the order of the text', () => {
  test('values, names, keys, args and lengths together', () => {
    const { marked, places, messages } = found(`
retries: «-1»
standalone_runs:
  - name: a
    mode: «vllm_thruput»
    model: m
    workloads: [«chatbt», «reasonin»]
    «tensor_paralel_sizes»: [1]
    repeats: «0»
    args: «--config» x «--quant» fp8
  - «name»: «a»
    mode: vllm_throughput
    length_configs: [{input_len: 10, output_len: 10, prefix_len: «11»}]
  - name: c
    mode: vllm_throughput
    model: m
    workloads: «[]»
    tensor_parallel_sizes: [4]
    args: «-tp» 8
`);
    expect(places).toEqual(marked);
    expect(messages).toEqual([
      'retries: expected at least 0, got -1',
      'there is no mode "vllm_thruput"',
      'unknown workload "chatbt"',
      'unknown workload "reasonin"',
      'unknown key "tensor_paralel_sizes"',
      'repeats: expected at least 1, got 0',
      expect.stringContaining('--config cannot be used here'),
      expect.stringContaining('--quant is an abbreviation of --quantization'),
      'this run has no model',
      'the name "a" is taken by the run at line 4',
      expect.stringContaining('a shared prefix of 11 tokens does not fit'),
      'workloads is an empty list',
      expect.stringContaining('args say -tp 8'),
    ]);
  });

  test('a field that is wrong is not called missing', () => {
    const { marked, places } = found(`
standalone_runs:
  - name: a
    mode: «[]»
    model: «7»
    length_configs: [{input_len: «-1», output_len: «-2»}]
`);
    expect(places).toEqual(marked);
  });

  // A run without a name, or one that is no map, leaves nothing of the file that is looked at further.
  test.each(['  - «mode: vllm_throughput»\n    model: m\n    workloads: [chatbot]\n', '  - «just-a-text»\n'])(
    'beside a run that has no name at all: %j',
    (nameless) => {
      const second = '  - name: b\n    mode: «vllm_thruput»\n    model: m\n    workloads: [«chatbt»]\n';
      const { marked, places } = found(`standalone_runs:\n${nameless}${second}`);
      expect(places).toEqual(marked);
    },
  );
});
