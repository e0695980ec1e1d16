import { describe, expect, test } from 'vitest';
import { renderPlan } from '../../../src/cli/views/plan.ts';
import { remaining } from '../../../src/plan/remaining.ts';
import type { Facts } from '../../../src/schema/facts.ts';
import { goodRun } from '../../config/definition.ts';
import { B200S, checkpoint, NO_FACTS, planOf, quantizedWith, vllm } from '../../plan/plans.ts';

const B200_HOST: Facts = { ...NO_FACTS, capabilities: vllm('0.32.0'), devices: B200S };

function rendered(text: string, facts: Facts): string {
  const plan = planOf(text, facts, true);
  return renderPlan(plan, () => ({ file: 'python', args: [], env: {}, files: {} }), remaining(plan, []));
}

/** What is said behind the length of each launch. */
function precisions(text: string, facts: Facts): string[] {
  return [...rendered(text, facts).matchAll(/^launch .*\(derived\)(?<rest>.*)$/gm)].map(
    ({ groups }) => groups?.['rest'] ?? '',
  );
}

describe('a launch shows what its precision comes to', () => {
  test('as a flag', () => {
    expect(precisions(goodRun('quantization: [none, fp8, fp4]'), B200_HOST)).toEqual([
      '',
      ', fp8 -> --quantization fp8_per_tensor',
      ', fp4 -> --quantization mxfp4',
    ]);
  });

  test('as a checkpoint', () => {
    const text = goodRun('quantization: [none, fp8]', 'checkpoints: {none: m-BF16, fp8: org/X-FP8}');
    expect(precisions(text, B200_HOST)).toEqual([', none -> checkpoint m-BF16', ', fp8 -> checkpoint org/X-FP8']);
  });

  test('as both, and as neither', () => {
    const quantization = quantizedWith('modelopt', 'fp8', { source: 'hf_quant_config.json' });
    const facts = (model: string, version: string) => ({
      ...B200_HOST,
      capabilities: vllm(version),
      checkpoints: [checkpoint({ model, quantization })],
    });
    const mapped = goodRun('quantization: fp8', 'checkpoints: {fp8: X-FP8}');
    expect(precisions(mapped, facts('X-FP8', '0.9.2'))).toEqual([', fp8 -> checkpoint X-FP8, --quantization modelopt']);
    expect(precisions(goodRun(), facts('m', '0.32.0'))).toEqual([', fp8 -> as the checkpoint is']);
  });
});

test('repeats of a point that ends when it is steady are a range', () => {
  // At least three, so that a spread can be told.
  expect(rendered(goodRun('until: {cv: 0.03, max_repeats: 9}'), NO_FACTS)).toMatch(/ 3 to 9\n/);
  expect(rendered(goodRun('repeats: 4', 'until: {cv: 0.03, max_repeats: 9}'), NO_FACTS)).toMatch(/ 4 to 9\n/);
  expect(rendered(goodRun('repeats: 4'), NO_FACTS)).toMatch(/ 4\n/);
});

test('the measurements of points that end when they are steady are a maximum', () => {
  expect(rendered(goodRun('until: {cv: 0.03, max_repeats: 9}'), NO_FACTS)).toMatch(
    /^.* points?, up to 9 measurements\n/,
  );
  expect(rendered(goodRun('repeats: 4'), NO_FACTS)).toMatch(/^.* points?, 4 measurements\n/);
});
