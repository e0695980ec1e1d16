import { describe, expect, test } from 'vitest';
import { measurementCount } from '../../src/schema/plan.ts';
import { runOf } from '../config/definition.ts';
import { jobs, planOf } from './plans.ts';

const LENGTHS = Array.from({ length: 12 }, (_, i) => `{input_len: ${128 * (i + 1)}, output_len: 32}`);
const run = (...lines: string[]) => runOf('mode: vllm_throughput', 'model: m', ...lines);
const twelve = (...lines: string[]) => run(`length_configs: [${LENGTHS}]`, ...lines);

describe('jobs with equal engine settings share one launch', () => {
  test('twelve lengths are one launch of twelve jobs', () => {
    const { launches } = planOf(twelve());
    expect(launches.map((launch) => launch.jobs.length)).toEqual([12]);
  });

  test('in the order in which the lengths were written', () => {
    expect(jobs(planOf(twelve())).map(({ workload }) => workload.input_len)).toEqual(
      Array.from({ length: 12 }, (_, i) => 128 * (i + 1)),
    );
  });

  test('numbers of prompts and prefixes are workloads, not engines', () => {
    const lengths = 'length_configs: [{input_len: 128, output_len: 32, prefix_len: 64}]';
    const { launches } = planOf(run(lengths, 'num_prompts: [1, 2, 3]', 'num_prefixes: [1, 2]'));
    expect(launches.map((launch) => launch.jobs.length)).toEqual([6]);
  });

  test.each([
    { axis: 'tensor_parallel_sizes: [1, 2, 4, 8]', launches: 4 },
    { axis: 'pipeline_parallel_sizes: [1, 2]', launches: 2 },
    { axis: 'quantization: [none, fp8, fp4]', launches: 3 },
    { axis: 'kv_cache_dtype: [auto, fp8]', launches: 2 },
    { axis: 'max_num_seqs: [64, 128, 256]', launches: 3 },
  ])('$axis are engines', ({ axis, launches }) => {
    const plan = planOf(twelve(axis));
    expect(plan.launches.map((launch) => launch.jobs.length)).toEqual(Array(launches).fill(12));
  });

  test('models are engines', () => {
    const plan = planOf(twelve().replace('model: m', 'model: [m, n]'));
    expect(plan.launches.map(({ engine }) => engine.model)).toEqual(['m', 'n']);
  });

  test('every combination of the axes is there once', () => {
    const plan = planOf(twelve('tensor_parallel_sizes: [1, 2]', 'quantization: [none, fp8]', 'num_prompts: [10, 20]'));
    // 2 x 2 engines, 12 x 2 workloads
    expect(plan.launches).toHaveLength(4);
    expect(new Set(jobs(plan).map(({ id }) => id)).size).toBe(96);
  });

  test('two runs of equal engine settings share a launch', () => {
    const second = '  - {name: b, mode: vllm_throughput, model: m, workloads: [chatbot]}\n';
    const { launches } = planOf(twelve() + second);
    expect(launches.map((launch) => launch.jobs.length)).toEqual([13]);
  });
});

describe('prefix caching is on for points with a shared prefix and off for the others', () => {
  const mixed = 'length_configs: [{input_len: 128, output_len: 32}, {input_len: 128, output_len: 32, prefix_len: 64}]';
  const caching = (...lines: string[]) =>
    planOf(run(mixed, ...lines)).launches.map(({ engine, jobs: all }) => [engine.enable_prefix_caching, all.length]);

  test('which makes two launches', () => {
    expect(caching()).toEqual([
      [false, 1],
      [true, 1],
    ]);
  });

  test('or one, with caching on, when share_prefix_caching allows it', () => {
    expect(caching('share_prefix_caching: true')).toEqual([[true, 2]]);
  });

  test('or one as the user says in args', () => {
    expect(caching('args: --enable-prefix-caching')).toEqual([[true, 2]]);
    expect(caching('args: --no-enable-prefix-caching')).toEqual([[false, 2]]);
  });

  test('a prefix with caching off is worth a note: nothing is reused', () => {
    const noted = planOf(run(mixed, 'args: --no-enable-prefix-caching')).notes;
    expect(noted).toEqual([
      expect.stringContaining('a_TP-1_ISL-128_OSL-32_PL-64: a shared prefix with prefix caching off'),
    ]);
    expect(planOf(run(mixed)).notes).toEqual([]);
  });
});

describe('repeats and starts', () => {
  test('a start is a launch of its own with all its jobs; repeats stay inside', () => {
    const plan = planOf(twelve('repeats: 3', 'starts: 2'));
    expect(plan.launches.map(({ start, jobs: all }) => [start, all.length])).toEqual([
      [0, 12],
      [1, 12],
    ]);
    expect(new Set(plan.launches.map(({ group }) => group)).size).toBe(1);
    expect(new Set(plan.launches.map(({ id }) => id)).size).toBe(2);
    // 12 points x 2 starts x 3 repeats
    expect(measurementCount(plan)).toBe(72);
    expect(jobs(plan)).toHaveLength(12);
  });

  test('a second start carries the jobs that ask for it only', () => {
    const text = `${run('workloads: [chatbot]', 'starts: 1')}  - {name: b, mode: vllm_throughput, model: m, workloads: [reasoning], starts: 3}\n`;
    expect(planOf(text).launches.map((launch) => launch.jobs.length)).toEqual([2, 1, 1]);
  });

  test.each(['driver: stock', 'driver: ./benchmark_throughput.py'])('%s is one process a measurement', (driver) => {
    const plan = planOf(run('workloads: [chatbot, reasoning]', driver, 'repeats: 3', 'starts: 2'));
    // 2 points x 2 starts x 3 repeats
    expect(plan.launches).toHaveLength(12);
    expect(measurementCount(plan)).toBe(12);
    expect(plan.launches.every(({ jobs: all }) => all.length === 1 && all[0]?.repeats === 1)).toBe(true);
    expect(new Set(plan.launches.map(({ id }) => id)).size).toBe(12);
    expect(jobs(plan)).toHaveLength(2);
  });
});

describe('the time limit of a launch', () => {
  test('is in seconds, and the longest that a run of the group asks for', () => {
    const short = run('workloads: [chatbot]', 'timeout_minutes: 1.5');
    expect(planOf(short).launches[0]?.timeout_seconds).toBe(90);
    const both = `${short}  - {name: b, mode: vllm_throughput, model: m, workloads: [reasoning], timeout_minutes: 10}\n`;
    expect(planOf(both).launches.map((launch) => launch.timeout_seconds)).toEqual([600]);
    expect(planOf(run('workloads: [chatbot]')).launches[0]?.timeout_seconds).toBeNull();
  });
});
