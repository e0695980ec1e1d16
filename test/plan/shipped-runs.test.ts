import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EngineSettings } from '../../src/schema/engine.ts';
import { Plan } from '../../src/schema/plan.ts';
import { B200S, jobs, NO_FACTS, planOf, vllm } from './plans.ts';

const RUNS = new URL('../../runs/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, RUNS), 'utf8');

/** Points and engine starts, counted by hand from the issue and the source document. */
const SHIPPED = [
  // four lengths of one engine
  { file: 'quickstart.yaml', points: 4, launches: 1 },
  { file: 'standalone_runs.yaml', points: 1, launches: 1 },
  // six workloads; three with a shared prefix, three without
  { file: 'ironwood.yaml', points: 6, launches: 2 },
  // BF16, FP8, FP4 x TP 1, 2, 4, 8 x three lengths
  { file: 'a4-fp8-fp4.yaml', points: 36, launches: 12 },
];

test('every file of runs/ is in the table', () => {
  const files = readdirSync(RUNS).filter((name) => /\.ya?ml$/.test(name));
  expect(files.toSorted()).toEqual(SHIPPED.map(({ file }) => file).toSorted());
});

describe.each(SHIPPED)('$file', ({ file, points, launches }) => {
  const plan = planOf(read(file));

  test(`is ${points} points in ${launches} launches`, () => {
    expect(jobs(plan)).toHaveLength(points);
    expect(plan.launches).toHaveLength(launches);
  });

  test('has nothing to skip and nothing to warn of', () => {
    expect(plan.skipped).toEqual([]);
    expect(plan.notes).toEqual([]);
  });

  test('plans for a host with newest vLLM and eight GPUs too', () => {
    const facts = { ...NO_FACTS, capabilities: vllm('0.32.0'), devices: B200S };
    expect(jobs(planOf(read(file), facts, true))).toHaveLength(points);
  });

  test('is a plan that can be written to plan.json and read back', () => {
    expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });
});

describe('the shipped runs say what the source document asks', () => {
  test('quickstart runs on a model that is made here', () => {
    expect(planOf(read('quickstart.yaml')).launches[0]?.engine.model).toMatch(/^builtin:/);
  });

  test('ironwood has the lengths of the six workloads', () => {
    const lengths = jobs(planOf(read('ironwood.yaml'))).map(({ workload }) =>
      [workload.input_len, workload.output_len, workload.prefix_len].join('/'),
    );
    expect(lengths.toSorted()).toEqual(
      ['2048/8192/0', '1024/4096/0', '1024/1024/0', '8192/2048/7900', '2048/256/1800', '4096/256/3600'].toSorted(),
    );
  });

  test('a4 compares three precisions at four sizes, each pair once', () => {
    const engines = planOf(read('a4-fp8-fp4.yaml')).launches.map(({ engine }) => EngineSettings.parse(engine));
    const pairs = engines.map(
      ({ quantization, tensor_parallel_size }) => `${quantization ?? 'bf16'} ${tensor_parallel_size}`,
    );
    expect(pairs.toSorted()).toEqual(
      ['bf16', 'fp8', 'fp4'].flatMap((precision) => [1, 2, 4, 8].map((size) => `${precision} ${size}`)).toSorted(),
    );
  });

  test('a4 on B200s with vLLM 0.32 computes in the precisions that it compares', () => {
    const facts = { ...NO_FACTS, capabilities: vllm('0.32.0'), devices: B200S };
    const precisions = planOf(read('a4-fp8-fp4.yaml'), facts, true).launches.map(({ precision }) =>
      [precision.flag, precision.activations].join(),
    );
    expect([...new Set(precisions)]).toEqual([',', 'fp8_per_tensor,fp8', 'mxfp4,mxfp4']);
  });

  test.each(['0.20.2', '0.27.1'])('a4 skips FP4, and only FP4, on vLLM %s, which has none', (version) => {
    const plan = planOf(read('a4-fp8-fp4.yaml'), { ...NO_FACTS, capabilities: vllm(version), devices: B200S }, true);
    // 4 sizes x 3 lengths
    expect(plan.skipped).toHaveLength(12);
    expect(plan.skipped.every(({ engine }) => engine.quantization === 'fp4')).toBe(true);
    expect([...new Set(plan.skipped.map(({ reason }) => reason))]).toEqual([
      expect.stringContaining(`needs vLLM 0.28 or later; this is ${version}. Use an NVFP4 checkpoint`),
    ]);
    expect(jobs(plan)).toHaveLength(24);
  });
});
