import { describe, expect, test } from 'vitest';
import type { DeviceFacts, Facts } from '../../src/schema/facts.ts';
import { goodRun } from '../config/definition.ts';
import { B200S, jobs, NO_FACTS, onlyJob, planOf } from './plans.ts';

const CPU: DeviceFacts = { ...B200S, kind: 'cpu', name: 'Xeon', compute_capability: null };
const on = (devices: DeviceFacts | null): Facts => ({ ...NO_FACTS, devices });

/** Two runs that ask for the same point. */
function twice(first: readonly string[], second: readonly string[]): string {
  return (
    goodRun(...first) +
    goodRun(...second)
      .replace('standalone_runs:\n', '')
      .replace('name: a', 'name: b')
  );
}

describe('how long a measurement must be', () => {
  test('is 5 s on accelerators and a hundredth of a second on a CPU, where it is not written', () => {
    const least = (devices: DeviceFacts | null, ...lines: string[]) =>
      onlyJob(planOf(goodRun(...lines), on(devices))).min_duration_seconds;
    expect(least(B200S)).toBe(5);
    expect(least({ ...B200S, kind: 'tpu' })).toBe(5);
    expect(least(CPU)).toBe(0.01);
    // Of an unknown device no true number may be called invalid.
    expect(least(null)).toBe(0.01);
    for (const devices of [B200S, CPU, null]) expect(least(devices, 'min_duration_seconds: 2.5')).toBe(2.5);
    expect(least(B200S, 'min_duration_seconds: 0')).toBe(0);
  });
});

describe('when a point has been measured often enough', () => {
  test('is as written, or after its repeats', () => {
    const until = (...lines: string[]) => onlyJob(planOf(goodRun(...lines))).until;
    expect(until()).toBeNull();
    expect(until('until: {cv: 0.03, max_repeats: 10}')).toEqual({ cv: 0.03, max_repeats: 10 });
  });
});

describe('two runs that ask for one point get what satisfies both', () => {
  test.each([
    {
      a: ['until: {cv: 0.03, max_repeats: 5}'],
      b: ['until: {cv: 0.05, max_repeats: 9}'],
      is: { cv: 0.03, max_repeats: 9 },
    },
    { a: ['repeats: 2'], b: ['until: {cv: 0.05, max_repeats: 9}'], is: { cv: 0.05, max_repeats: 9 } },
    { a: ['until: {cv: 0.05, max_repeats: 9}'], b: [], is: { cv: 0.05, max_repeats: 9 } },
  ])('until: $a and $b', ({ a, b, is }) => {
    const plan = planOf(twice(a, b));
    expect(onlyJob(plan).until).toEqual(is);
    expect(onlyJob(plan).also_named).toHaveLength(1);
  });

  test('the longer duration', () => {
    const seconds = (a: string[], b: string[]) => onlyJob(planOf(twice(a, b), on(B200S))).min_duration_seconds;
    expect(seconds(['min_duration_seconds: 3'], ['min_duration_seconds: 7'])).toBe(7);
    expect(seconds(['min_duration_seconds: 7'], ['min_duration_seconds: 3'])).toBe(7);
    // 5 s by default
    expect(seconds(['min_duration_seconds: 3'], [])).toBe(5);
  });
});

test('neither is in the id of a job, nor is the seed of the order', () => {
  const [job] = jobs(planOf(goodRun()));
  for (const text of [
    goodRun('until: {cv: 0.03, max_repeats: 10}'),
    goodRun('min_duration_seconds: 60'),
    `order_seed: 7\n${goodRun()}`,
  ])
    expect(onlyJob(planOf(text)).id).toBe(job?.id);
});

test('the seed of the order is in the plan', () => {
  expect(planOf(goodRun()).order_seed).toBe(0);
  expect(planOf(`order_seed: 7\n${goodRun()}`).order_seed).toBe(7);
});
