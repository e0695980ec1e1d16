import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runOf } from '../config/definition.ts';
import { jobs, onlyJob, planOf } from './plans.ts';

const run = (...lines: string[]) => runOf('mode: vllm_throughput', 'model: m', ...lines);
const namesOf = (text: string) => jobs(planOf(text)).map(({ run_name }) => run_name);

describe('the name of a point', () => {
  test('is the source document’s', () => {
    // The source document: {name}_TP-{tp}_ISL-{in}_OSL-{out}[_PL-{prefix}]
    const lengths = 'length_configs: [{input_len: 8, output_len: 4}, {input_len: 8, output_len: 4, prefix_len: 2}]';
    expect(namesOf(run(lengths, 'tensor_parallel_sizes: [1, 8]'))).toEqual([
      'a_TP-1_ISL-8_OSL-4',
      'a_TP-1_ISL-8_OSL-4_PL-2',
      'a_TP-8_ISL-8_OSL-4',
      'a_TP-8_ISL-8_OSL-4_PL-2',
    ]);
  });

  test('has the lengths as they were written, in both prefix modes', () => {
    const lengths = 'length_configs: [{input_len: 292, output_len: 4, prefix_len: 7900}]';
    expect(onlyJob(planOf(run(lengths, 'prefix_mode: additive'))).run_name).toBe('a_TP-1_ISL-292_OSL-4_PL-7900');
  });

  test.each([
    { axis: 'quantization: [none, fp8, fp4]', parts: ['_Q-none', '_Q-fp8', '_Q-fp4'] },
    { axis: 'kv_cache_dtype: [auto, fp8]', parts: ['_KV-auto', '_KV-fp8'] },
    { axis: 'pipeline_parallel_sizes: [1, 2]', parts: ['_PP-1', '_PP-2'] },
    { axis: 'max_num_seqs: [64, 128]', parts: ['_MNS-64', '_MNS-128'] },
    { axis: 'num_prompts: [10, 20]', parts: ['_NP-10', '_NP-20'] },
  ])('says what $axis chose', ({ axis, parts }) => {
    const names = namesOf(run('workloads: [chatbot]', axis));
    expect(names).toHaveLength(parts.length);
    for (const [index, part] of parts.entries()) expect(names[index]).toContain(part);
  });

  test.each([
    'quantization: fp8',
    'kv_cache_dtype: fp8',
    'num_prompts: 10',
    'max_num_seqs: [64]',
    'pipeline_parallel_sizes: 2',
  ])('says nothing of %s, which does not vary', (field) => {
    expect(namesOf(run('workloads: [chatbot]', field))).toEqual(['a_TP-1_ISL-1024_OSL-1024']);
  });

  test('FP8 and FP4 of one run never collide', () => {
    expect(new Set(namesOf(run('workloads: [chatbot]', 'quantization: [fp8, fp4]'))).size).toBe(2);
  });
});

describe('names within a run', () => {
  // At most two values an axis, three of the workloads': 2^8 x 3 x 3 = 2,304 points, far below --max-jobs.
  const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 2 });
  const words = (...all: string[]) => fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: 2 });
  const lengths = fc.uniqueArray(
    fc.record({ input_len: fc.integer({ min: 9, max: 12 }), output_len: fc.integer({ min: 1, max: 3 }) }),
    { minLength: 1, maxLength: 3, selector: ({ input_len, output_len }) => `${input_len} ${output_len}` },
  );
  const axes = fc.record({
    model: words('m', 'org/m', 'm_TP-1', 'n'),
    quantization: words('none', 'fp8', 'fp8_per_tensor', 'awq'),
    kv_cache_dtype: words('auto', 'fp8', 'fp8_e4m3'),
    tensor_parallel_sizes: sizes,
    pipeline_parallel_sizes: sizes,
    max_num_seqs: sizes,
    num_prompts: sizes,
    num_prefixes: sizes,
    prefix_lens: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 }),
    length_configs: lengths,
  });

  test('are as many as the points, and each point has the id of nobody else', () => {
    fc.assert(
      fc.property(axes, (fields) => {
        const text = JSON.stringify({ standalone_runs: [{ name: 'a', mode: 'vllm_throughput', ...fields }] });
        const all = jobs(planOf(text));
        // A point without a shared prefix has no number of prefixes.
        const prefixes = fields.prefix_lens.map((prefix) => (prefix > 0 ? fields.num_prefixes.length : 1));
        const workloads = fields.length_configs.length * fields.num_prompts.length * prefixes.reduce((a, b) => a + b);
        const engines = [
          ...[fields.model, fields.quantization, fields.kv_cache_dtype],
          ...[fields.tensor_parallel_sizes, fields.pipeline_parallel_sizes, fields.max_num_seqs],
        ].reduce((product, axis) => product * axis.length, 1);
        expect(all).toHaveLength(workloads * engines);
        expect(new Set(all.map(({ run_name }) => run_name)).size).toBe(all.length);
        expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      }),
      { numRuns: 60 },
    );
  });
});
