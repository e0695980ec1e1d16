import { describe, expect, test } from 'vitest';
import { found, goodRun, runOf } from './definition.ts';

describe('a key that does not exist', () => {
  test.each([
    { text: goodRun('«tensor_paralel_sizes»: [1]'), near: 'tensor_parallel_sizes' },
    { text: goodRun('«tensor_parallel_size»: [1]'), near: 'tensor_parallel_sizes' },
    { text: goodRun('«repeat»: 2'), near: 'repeats' },
    { text: goodRun('«quantisation»: fp8'), near: 'quantization' },
    { text: `«default»: {repeats: 2}\n${goodRun()}`, near: 'defaults' },
    { text: `defaults: {«reapeats»: 2}\n${goodRun()}`, near: 'repeats' },
    {
      text: runOf(
        'mode: vllm_throughput',
        'model: m',
        'length_configs:',
        '  - {input_len: 8, output_len: 8, «prefixlen»: 1}',
      ),
      near: 'prefix_len',
    },
  ])('$near is the nearest right one', ({ text, near }) => {
    const { marked, places, messages, hints } = found(text);
    expect(places).toEqual(marked);
    expect(messages).toEqual([expect.stringMatching(/^unknown key "\w+"$/)]);
    expect(hints).toEqual([`did you mean ${near}?`]);
  });

  test('one that is near to none is answered with those that there are', () => {
    const { hints } = found(goodRun('«colour»: red'));
    expect(hints).toEqual([expect.stringMatching(/^known keys here: name, mode, args, model, /)]);
  });

  test('a required key that is misspelt is not called missing too', () => {
    const { marked, places } = found(goodRun().replace('standalone_runs:', '«standalone_run»:'));
    expect(places).toEqual(marked);
  });
});

describe('a name that means nothing', () => {
  test('a mode', () => {
    const { marked, places, messages, hints } = found(
      runOf('mode: «vllm_thruput»', 'model: m', 'workloads: [chatbot]'),
    );
    expect(places).toEqual(marked);
    expect(messages).toEqual(['there is no mode "vllm_thruput"']);
    expect(hints).toEqual([expect.stringContaining('did you mean vllm_throughput?')]);
  });

  test('workloads, in a list and alone', () => {
    const inList = found(runOf('mode: vllm_throughput', 'model: m', 'workloads: [reasoning, «chatbt», «toString»]'));
    expect(inList.places).toEqual(inList.marked);
    expect(inList.messages).toEqual(['unknown workload "chatbt"', 'unknown workload "toString"']);
    expect(inList.hints[0]).toContain('did you mean chatbot?');
    const alone = found(runOf('mode: vllm_throughput', 'model: m', 'workloads: «chatbt»'));
    expect(alone.places).toEqual(alone.marked);
  });

  test('a name that another run has', () => {
    const text = `${goodRun()}  - name: «a»\n    mode: vllm_throughput\n    model: m\n    workloads: [chatbot]\n`;
    const { marked, places, messages } = found(text);
    expect(places).toEqual(marked);
    expect(messages).toEqual(['the name "a" is taken by the run at line 2']);
  });
});
