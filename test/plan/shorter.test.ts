import { expect, test } from 'vitest';
import { shorter } from '../../src/plan/shorter.ts';
import { NO_FACTS, planOf } from './plans.ts';

/** One launch for points of these prompt lengths, each with 10 tokens of output; one token more is asked for. */
function launchFor(lengths: readonly number[], more: object = {}) {
  const length_configs = lengths.map((input_len) => ({ input_len, output_len: 10 }));
  const run = { name: 'a', mode: 'vllm_throughput', model: 'm', length_configs, ...more };
  const [launch] = planOf(JSON.stringify({ standalone_runs: [run] })).launches;
  if (launch === undefined) throw new Error('one launch was asked for');
  return launch;
}
const tooLong = (found: ReturnType<typeof shorter>) =>
  [...(found?.tooLong ?? [])].map(({ workload }) => workload.prompt_len).toSorted((a, b) => a - b);

test('points that do not fit are left out, and the engine is as long as the others need', () => {
  const launch = launchFor([100, 200, 300]);
  expect(launch.max_model_len.value).toBe(311);
  const found = shorter(launch, launch.jobs, 250, NO_FACTS);
  expect(tooLong(found)).toEqual([300]);
  expect(found?.launch.max_model_len).toEqual({ value: 211, origin: 'derived' });
  expect(found?.launch.id).toBe(launch.id);
});

test('a point that needs exactly what fits is kept, without the token more', () => {
  const launch = launchFor([100, 200]);
  const found = shorter(launch, launch.jobs, 110, NO_FACTS);
  expect(tooLong(found)).toEqual([200]);
  expect(found?.launch.max_model_len.value).toBe(110);
  expect(shorter(launch, launch.jobs, 109, NO_FACTS)).toBeNull();
});

test('where vLLM does not say what fits, the longest is left out', () => {
  const launch = launchFor([100, 200, 200, 300]);
  expect(tooLong(shorter(launch, launch.jobs, null, NO_FACTS))).toEqual([300]);
});

test('a length that the user gave stays', () => {
  const launch = launchFor([100, 200], { max_model_len: 400 });
  expect(shorter(launch, launch.jobs, 150, NO_FACTS)).toBeNull();
});

test('when all fit, it was not the length', () => {
  const launch = launchFor([100, 200]);
  expect(shorter(launch, launch.jobs, 1000, NO_FACTS)).toBeNull();
});
