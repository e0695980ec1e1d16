import { describe, expect, test } from 'vitest';
import { runOf } from '../config/definition.ts';
import { checkpoint, jobs, planOf } from './plans.ts';

const run = (...lines: string[]) => runOf('mode: vllm_throughput', 'model: m', ...lines);
const two = 'length_configs: [{input_len: 100, output_len: 50}, {input_len: 1000, output_len: 24}]';
const lengthsOf = (text: string) => planOf(text).launches.map(({ max_model_len }) => max_model_len);

describe('max_model_len of a launch', () => {
  test('is the largest that its jobs need, when nobody gives one', () => {
    // 1000 + 24, and one more, as the reference command has it
    expect(lengthsOf(run(two))).toEqual([{ value: 1025, origin: 'derived' }]);
  });

  test('is no more than the model has positions, where they are just enough', () => {
    const most = (max_position_embeddings: number) => ({
      capabilities: null,
      checkpoints: [checkpoint({ max_position_embeddings })],
      devices: null,
    });
    for (const line of ['max_model_len: per_point', 'repeats: 1'])
      expect(planOf(run(two, line), most(1024)).launches.at(-1)?.max_model_len.value).toBe(1024);
    expect(planOf(run(two), most(1025)).launches[0]?.max_model_len.value).toBe(1025);
    expect(planOf(run(two), most(4096)).launches[0]?.max_model_len.value).toBe(1025);
  });

  test('counts an additive prefix, which inclusive lengths hold already', () => {
    const lengths = 'length_configs: [{input_len: 100, output_len: 50, prefix_len: 80}]';
    expect(lengthsOf(run(lengths))[0]?.value).toBe(151);
    expect(lengthsOf(run(lengths, 'prefix_mode: additive'))[0]?.value).toBe(231);
  });

  test('leaves the stock benchmark slack for its texts, which may come back longer', () => {
    // 1000 + 24 + 1 and at least 5 % or 64 tokens of the prompt
    const values = lengthsOf(run(two, 'driver: stock')).map(({ value }) => value);
    expect(Math.max(...values)).toBeGreaterThanOrEqual(1025 + 64);
    expect(new Set(values).size).toBe(1);
  });

  test('is the user’s, when there is one, and an engine setting then', () => {
    const plan = planOf(run(two, 'max_model_len: 4096'));
    expect(plan.launches[0]).toMatchObject({
      max_model_len: { value: 4096, origin: 'given' },
      engine: { max_model_len: 4096 },
    });
  });

  test('is no engine setting when it is derived', () => {
    expect(planOf(run(two)).launches[0]?.engine.max_model_len).toBeNull();
  });

  test('per_point gives each length an engine of its own', () => {
    expect(lengthsOf(run(two, 'max_model_len: per_point')).map(({ value }) => value)).toEqual([151, 1025]);
  });

  test('per_point puts lengths of one need together', () => {
    const lengths = 'length_configs: [{input_len: 100, output_len: 50}, {input_len: 50, output_len: 100}]';
    expect(planOf(run(lengths, 'max_model_len: per_point')).launches).toHaveLength(1);
  });
});

describe('a derived max_model_len', () => {
  test('is in no id: a longer neighbour changes no job', () => {
    const [alone] = jobs(planOf(run('length_configs: [{input_len: 100, output_len: 50}]')));
    const [beside] = jobs(planOf(run(two)));
    expect(beside?.id).toBe(alone?.id);
  });

  test('is in no group either', () => {
    const alone = planOf(run('length_configs: [{input_len: 100, output_len: 50}]')).launches[0]?.group;
    expect(planOf(run(two)).launches[0]?.group).toBe(alone);
  });

  test('is another point than the same length given', () => {
    const lengths = 'length_configs: [{input_len: 100, output_len: 50}]';
    expect(jobs(planOf(run(lengths, 'max_model_len: 151')))[0]?.id).not.toBe(jobs(planOf(run(lengths)))[0]?.id);
  });
});
