import { describe, expect, test } from 'vitest';
import { measurementCount } from '../../src/schema/plan.ts';
import { goodRun, runOf } from '../config/definition.ts';
import { jobs, onlyJob, planOf } from './plans.ts';

const again = (name: string, ...lines: string[]) =>
  [
    `  - name: ${name}`,
    '    mode: vllm_throughput',
    '    model: m',
    '    workloads: [chatbot]',
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');

describe('a point that is asked for twice is measured once', () => {
  test('under the first name, with the others beside it', () => {
    const job = onlyJob(planOf(goodRun() + again('b') + again('c')));
    expect(job.run_name).toBe('a_TP-1_ISL-1024_OSL-1024');
    expect(job.also_named).toEqual(['b_TP-1_ISL-1024_OSL-1024', 'c_TP-1_ISL-1024_OSL-1024']);
  });

  test('as often as the most demanding of them asks', () => {
    const plan = planOf(goodRun('repeats: 2', 'starts: 3') + again('b', 'repeats: 5'));
    expect(onlyJob(plan).repeats).toBe(5);
    expect(plan.launches).toHaveLength(3);
    expect(measurementCount(plan)).toBe(15);
    expect(onlyJob(planOf(goodRun('repeats: 5') + again('b', 'repeats: 2'))).repeats).toBe(5);
  });

  test('a length that is written twice in one run has no second name', () => {
    const lengths = 'length_configs: [{input_len: 9, output_len: 9}, {input_len: 9, output_len: 9, prefix_len: 0}]';
    expect(onlyJob(planOf(runOf('mode: vllm_throughput', 'model: m', lengths))).also_named).toEqual([]);
  });

  test('a second name is there once, however often the second run asks', () => {
    const job = onlyJob(planOf(goodRun() + again('b', 'length_configs: [{input_len: 1024, output_len: 1024}]')));
    expect(job.also_named).toEqual(['b_TP-1_ISL-1024_OSL-1024']);
  });

  test('a value that is written twice in a list counts once', () => {
    const plan = planOf(goodRun('tensor_parallel_sizes: [2, 2]', 'num_prompts: [5, 5]', 'quantization: [none, none]'));
    expect(onlyJob(plan).run_name).toBe('a_TP-2_ISL-1024_OSL-1024');
  });

  test('points that differ in anything are not one', () => {
    expect(jobs(planOf(goodRun() + again('b', 'seed: 1')))).toHaveLength(2);
  });
});
