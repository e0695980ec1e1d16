import { describe, expect, test } from 'vitest';
import { found, goodRun, runOf } from './definition.ts';

/** The three ways in which YAML misreads a key without its colon. */
describe('a missing colon is called that, at the key, with what to write', () => {
  test.each([
    {
      shape: 'a key and its value become one text',
      text: runOf('«mode» vllm_throughput', 'model: m', 'workloads: [chatbot]'),
      key: 'mode',
      write: 'write: mode: vllm_throughput',
    },
    {
      shape: 'the first key of a list item',
      text: 'standalone_runs:\n  - «name» a\n    mode: vllm_throughput\n    model: m\n    workloads: [chatbot]\n',
      key: 'name',
      write: 'write: name: a',
    },
    {
      shape: 'the last line of a map',
      text: goodRun('«repeats» 3'),
      key: 'repeats',
      write: 'write: repeats: 3',
    },
    {
      shape: 'a key with a list below it',
      text: runOf(
        'mode: vllm_throughput',
        'model: m',
        '«length_configs»',
        '  - input_len: 8',
        '    output_len: 8',
        'repeats: 2',
      ),
      key: 'length_configs',
      write: 'write: length_configs:',
    },
    {
      shape: 'the root’s key',
      text: '«standalone_runs»\n  - name: a\n    mode: vllm_throughput\n',
      key: 'standalone_runs',
      write: 'write: standalone_runs:',
    },
    {
      // Document 002: `isl_osl` and the list below it parse as the text "isl_osl - [8192, 1024] - [1024, 1024]".
      shape: 'key and list become one text, as in document 002',
      text: `defaults:\n  «tensor_parallel_sizes»\n  - 1\n  - 2\n${goodRun()}`,
      key: 'tensor_parallel_sizes',
      write: 'write: tensor_parallel_sizes:',
    },
    {
      shape: 'document 002’s own key',
      text: `workloads:\n    «isl_osl»\n    - [8192, 1024]\n    - [1024, 1024]\n${goodRun()}`,
      key: 'isl_osl',
      write: 'write: isl_osl:',
    },
  ])('$shape', ({ text, key, write }) => {
    const { marked, places, messages, hints } = found(text);
    expect(places).toEqual(marked);
    expect(messages).toEqual([`missing ':' after ${key}`]);
    expect(hints).toEqual([write]);
  });

  test('two of them are two problems', () => {
    const { marked, places } = found(
      runOf('«mode» vllm_throughput', 'model: m', '«repeats» 3', 'workloads: [chatbot]'),
    );
    expect(places).toEqual(marked);
  });

  // The commonest slip of all: YAML needs a space after the colon.
  test('a colon without its space', () => {
    const { marked, places, hints } = found(runOf('«mode:vllm_throughput»', 'model: m', 'workloads: [chatbot]'));
    expect(places).toEqual(marked);
    expect(hints).toEqual(['write: mode: vllm_throughput']);
  });
});
