import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hitRateBound } from '../../src/schema/workload.ts';
import { runOf } from '../config/definition.ts';
import { workloadOf } from '../summary/clean.ts';
import { onlyJob, planOf } from './plans.ts';

const percent = (share: number) => Number((share * 100).toFixed(1));

/** Hit-rate ceilings in percent; blocks of one token give the ratio itself. */
const TABLE = [
  { input: 8192, prefix: 7900, inclusive: 96.4, blocks: 96.3, additive: 49.1 },
  { input: 2048, prefix: 1800, inclusive: 87.9, blocks: 87.5, additive: 46.8 },
  { input: 4096, prefix: 1800, inclusive: 43.9, blocks: 43.8, additive: 30.5 },
  { input: 4096, prefix: 3600, inclusive: 87.9, blocks: 87.9, additive: 46.8 },
];

describe('the best possible hit rate', () => {
  test.each(TABLE)('of a prefix of $prefix with an input of $input', ({ input, prefix, ...expected }) => {
    const lengths = `length_configs: [{input_len: ${input}, output_len: 9, prefix_len: ${prefix}}]`;
    const workload = (mode: string) =>
      onlyJob(planOf(runOf('mode: vllm_throughput', 'model: m', `prefix_mode: ${mode}`, lengths))).workload;
    expect({
      inclusive: percent(hitRateBound(workload('inclusive'), 1)),
      blocks: percent(hitRateBound(workload('inclusive'), 16)),
      additive: percent(hitRateBound(workload('additive'), 1)),
    }).toEqual(expected);
  });

  test('counts whole blocks only', () => {
    const workload = workloadOf({ prompt_len: 128, shared_len: 95 });
    // 95 tokens are 5 whole blocks of 16, and 2 of 32
    expect(hitRateBound(workload, 16)).toBe(80 / 128);
    expect(hitRateBound(workload, 32)).toBe(64 / 128);
    expect(hitRateBound(workload, 128)).toBe(0);
  });

  test('computes the last token of a prompt always, even when the whole prompt is shared', () => {
    // vLLM: at most prompt_len - 1 = 127 tokens may come from the cache, 7 blocks of 16
    expect(hitRateBound(workloadOf({ prompt_len: 128, shared_len: 128 }), 16)).toBe(112 / 128);
  });

  test('lets the first request of each cold prefix miss', () => {
    const cold = { prompt_len: 128, shared_len: 64, prefix_state: 'cold', num_prompts: 10 } as const;
    expect(hitRateBound(workloadOf({ ...cold, num_prefixes: 1 }), 16)).toBeCloseTo(0.5 * 0.9, 12);
    expect(hitRateBound(workloadOf({ ...cold, num_prefixes: 4 }), 16)).toBeCloseTo(0.5 * 0.6, 12);
    expect(hitRateBound(workloadOf({ ...cold, num_prefixes: 50 }), 16)).toBe(0);
  });

  test('is zero without a shared prefix', () => {
    expect(hitRateBound(workloadOf({ shared_len: 0 }), 16)).toBe(0);
  });

  test('lies between zero and the shared share of the prompt, and a cold prefix is never better', () => {
    const lengths = fc
      .integer({ min: 1, max: 5000 })
      .chain((prompt) => fc.tuple(fc.constant(prompt), fc.nat({ max: prompt })));
    const counts = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }));
    fc.assert(
      fc.property(
        lengths,
        counts,
        fc.integer({ min: 1, max: 256 }),
        ([prompt_len, shared_len], [num_prompts, num_prefixes], block) => {
          const changes = { prompt_len, shared_len, num_prompts, num_prefixes };
          const warm = hitRateBound(workloadOf({ ...changes, prefix_state: 'warm' }), block);
          const cold = hitRateBound(workloadOf({ ...changes, prefix_state: 'cold' }), block);
          expect(cold).toBeGreaterThanOrEqual(0);
          expect(warm).toBeGreaterThanOrEqual(cold);
          expect(warm).toBeLessThanOrEqual(shared_len / prompt_len);
          expect(warm).toBeLessThan(1);
        },
      ),
    );
  });
});
