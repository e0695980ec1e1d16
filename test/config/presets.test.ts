import { describe, expect, test } from 'vitest';
import { WORKLOADS } from '../../src/config/workloads.ts';
import { runOf, specOf } from './definition.ts';

/** Document 004, section 3; the 4k variant with the prefix of its later dataset files. */
const DOCUMENT = {
  reasoning: { input_len: 2048, output_len: 8192 },
  'text-generation': { input_len: 1024, output_len: 4096 },
  chatbot: { input_len: 1024, output_len: 1024 },
  'codegen-high-cache': { input_len: 8192, output_len: 2048, prefix_len: 7900 },
  'summarization-high-cache': { input_len: 2048, output_len: 256, prefix_len: 1800 },
  'summarization-4k-high-cache': { input_len: 4096, output_len: 256, prefix_len: 3600 },
};

describe('workloads by name', () => {
  test('are the six of the source document, with its numbers', () => {
    expect(WORKLOADS).toEqual(DOCUMENT);
  });

  test.each(Object.entries(DOCUMENT))('%s', (name, lengths) => {
    const spec = specOf(runOf('mode: vllm_throughput', 'model: m', `workloads: ${name}`));
    expect(spec.lengths).toEqual([lengths]);
  });

  test('may be the user’s own, and an own one replaces a preset of its name', () => {
    const own = 'workloads: {mine: {input_len: 7, output_len: 3}, chatbot: {input_len: 9, output_len: 9}}\n';
    const spec = specOf(own + runOf('mode: vllm_throughput', 'model: m', 'workloads: [mine, chatbot, reasoning]'));
    expect(spec.lengths).toEqual([
      { input_len: 7, output_len: 3 },
      { input_len: 9, output_len: 9 },
      { input_len: 2048, output_len: 8192 },
    ]);
  });

  test('stand beside length_configs', () => {
    const lines = ['length_configs: [{input_len: 5, output_len: 6}]', 'workloads: [chatbot]'];
    const spec = specOf(runOf('mode: vllm_throughput', 'model: m', ...lines));
    expect(spec.lengths).toEqual([
      { input_len: 5, output_len: 6 },
      { input_len: 1024, output_len: 1024 },
    ]);
  });
});
