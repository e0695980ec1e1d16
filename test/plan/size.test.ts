import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { modeById } from '../../src/modes/index.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { remaining } from '../../src/plan/remaining.ts';
import { pointCount, type RunConfig } from '../../src/schema/run-config.ts';
import { goodRun, OPTIONS, specOf } from '../config/definition.ts';
import { NO_FACTS } from './plans.ts';

function pointsOf(text: string): number {
  const spec = specOf(text);
  return [...modeById(spec.mode).points(spec, NO_FACTS)].length;
}

describe('the number of points', () => {
  const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 });
  const fields = fc.record({
    tensor_parallel_sizes: sizes,
    num_prompts: sizes,
    num_prefixes: sizes,
    prefix_lens: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    workloads: fc.uniqueArray(fc.constantFrom('chatbot', 'codegen-high-cache', 'reasoning'), { minLength: 1 }),
  });
  const textOf = (axes: object) =>
    JSON.stringify({ standalone_runs: [{ name: 'a', mode: 'vllm_throughput', model: 'm', ...axes }] });

  test('is counted without making them', () => {
    fc.assert(
      fc.property(fields, (axes) => {
        expect(pointCount(specOf(textOf(axes)))).toBe(pointsOf(textOf(axes)));
      }),
    );
  });

  test('does not count numbers of prefixes for a point that has none', () => {
    const text = goodRun('prefix_lens: [0, 5]', 'num_prefixes: [1, 2]');
    // 1 without a prefix, 2 with one
    expect(pointCount(specOf(text))).toBe(3);
  });
});

describe('a sweep beyond the usual limit, as --max-jobs allows it', () => {
  // 500 x 300 = 150,000 points of one engine
  const text = goodRun(
    `prefix_lens: [${Array.from({ length: 500 }, (_, i) => i)}]`,
    `num_prompts: [${Array.from({ length: 300 }, (_, i) => i + 1)}]`,
  );
  const configOf = (): RunConfig => {
    const loaded = loadConfig(text, { ...OPTIONS, maxJobs: 1_000_000 });
    if ('problems' in loaded) throw new Error('problems');
    return loaded.config;
  };

  test('is planned, and all of it remains', () => {
    const plan = buildPlan(configOf(), NO_FACTS, { bindDevices: false });
    const count = remaining(plan, []).reduce((sum, { wanted }) => sum + wanted.length, 0);
    expect(count).toBe(150_000);
  });
});
