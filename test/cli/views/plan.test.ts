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

describe('how many launches run side by side', () => {
  const lineOf = (text: string, facts: Facts) => rendered(text, facts).split('\n')[1] ?? '';
  const sizes = (...tp: readonly number[]) => goodRun(`tensor_parallel_sizes: [${tp.join(', ')}]`);
  const CPU: Facts = { ...NO_FACTS, devices: { ...B200S, kind: 'cpu', name: 'a CPU', count: 8 } };

  test('is as many as fit when the smallest run', () => {
    // 1 + 2 + 4 of 8 devices; a launch of 8 fits beside none.
    expect(lineOf(sizes(1, 2, 4, 8), B200_HOST)).toBe('up to 3 launches side by side on 8 devices');
    expect(lineOf(sizes(4, 8), B200_HOST)).toBe('one launch at a time: no two fit on 8 devices');
  });

  test('is one where they are exclusive, on a CPU, and where nothing is known', () => {
    expect(lineOf(goodRun('tensor_parallel_sizes: [1, 2]', 'exclusive: true'), B200_HOST)).toBe(
      'one launch at a time (exclusive)',
    );
    expect(lineOf(sizes(1, 2), CPU)).toMatch(/^one launch at a time: each has the whole CPU host/);
    expect(lineOf(sizes(1, 2), NO_FACTS)).toBe('one launch at a time: the devices are not known here');
  });

  test('is as many as there are core lists on a CPU that was divided', () => {
    const divided: Facts = { ...CPU, devices: { ...B200S, kind: 'cpu', count: 2, ids: ['0-3', '4-7'] } };
    expect(lineOf(goodRun('starts: 3'), divided)).toBe('up to 2 launches side by side on 2 devices');
  });

  test('is not told of a launch that has no other', () => {
    expect(rendered(goodRun(), B200_HOST)).not.toMatch(/side by side|at a time/);
  });
});

test('what is unusual about how a launch is carried out stands behind it', () => {
  const firstLine = (text: string) => /^launch .*$/m.exec(rendered(text, NO_FACTS))?.[0] ?? '';
  expect(firstLine(goodRun('exclusive: true', 'stall_minutes: 5'))).toMatch(
    /, alone on the host, ended after 5 min 00 s without progress$/,
  );
  // 30 minutes is what holds without it.
  expect(firstLine(goodRun('stall_minutes: 30'))).toMatch(/\(derived\)$/);
});
