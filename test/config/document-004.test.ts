import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { jobsOf } from '../../src/schema/plan.ts';
import { hitRateBound } from '../../src/schema/workload.ts';
import { planOf } from '../plan/plans.ts';
import { configOf } from './definition.ts';

const text = readFileSync(new URL('../../fixtures/definitions/document-004.yaml', import.meta.url), 'utf8');

describe('the example of document 004, as it is written there', () => {
  const plan = planOf(text);

  test('is one run of one point', () => {
    expect(configOf(text).runs).toHaveLength(1);
    expect(jobsOf(plan)).toHaveLength(1);
    expect(plan.skipped).toEqual([]);
  });

  test('has the name that the original gives it', () => {
    // {name}_TP-{tp}_ISL-{in}_OSL-{out}_PL-{prefix}
    expect(plan.launches[0]?.jobs[0]?.run_name).toBe('Ironwood-CodeGen-HighCache_TP-8_ISL-8192_OSL-2048_PL-7900');
  });

  test('takes model and prefix out of args', () => {
    expect(plan.launches[0]?.engine).toMatchObject({
      model: 'meta-llama/Llama-3.1-70B-Instruct',
      tensor_parallel_size: 8,
      enable_prefix_caching: true,
      extra_args: [],
    });
  });

  test('shares 7900 of 8192 prompt tokens', () => {
    const workload = plan.launches[0]?.jobs[0]?.workload;
    expect(workload).toMatchObject({ prompt_len: 8192, shared_len: 7900, output_len: 2048, prefix_mode: 'inclusive' });
    // floor(7900 / 16) * 16 = 7888 of 8192
    expect(workload && hitRateBound(workload, 16)).toBeCloseTo(7888 / 8192, 12);
  });

  test('gives the engine room for prompt and output, which the original did not', () => {
    // 8192 + 2048
    expect(plan.launches[0]?.max_model_len.value).toBeGreaterThanOrEqual(10240);
    expect(plan.launches[0]?.max_model_len.origin).toBe('derived');
  });

  test('is what runs/standalone_runs.yaml ships, below its comment', () => {
    const shipped = readFileSync(new URL('../../runs/standalone_runs.yaml', import.meta.url), 'utf8');
    expect(shipped.split('\n').filter((line) => !line.startsWith('#'))).toEqual(text.split('\n'));
  });
});
