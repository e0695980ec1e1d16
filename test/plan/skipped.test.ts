import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/schema/facts.ts';
import { runOf } from '../config/definition.ts';
import { B200S, checkpoint, jobs, NO_FACTS, planOf, quantizedWith, vllm } from './plans.ts';

const run = (...lines: string[]) => runOf('mode: vllm_throughput', 'model: m', ...lines);
const small = 'length_configs: [{input_len: 100, output_len: 50}]';

function reasons(text: string, facts: Partial<Facts> = {}, bindDevices = false): string[] {
  return planOf(text, { ...NO_FACTS, ...facts }, bindDevices).skipped.map(({ reason }) => reason);
}

describe('a point that cannot be is skipped with its reason, and the rest is planned', () => {
  test('FP4 before vLLM 0.28', () => {
    const text = run(small, 'quantization: [none, fp8, fp4]');
    const old = { ...NO_FACTS, capabilities: vllm('0.27.1') };
    expect(reasons(text, old)).toEqual([expect.stringContaining('needs vLLM 0.28 or later; this is 0.27.1')]);
    expect(jobs(planOf(text, old))).toHaveLength(2);
    expect(reasons(text, { capabilities: vllm('0.28.0') })).toEqual([]);
  });

  test('a checkpoint that is quantized in another way', () => {
    const awq = { checkpoints: [checkpoint({ quantization: quantizedWith('awq') })] };
    expect(reasons(run(small, 'quantization: fp8'), awq)).toEqual([
      'the checkpoint is quantized with awq, so it cannot be run as fp8',
    ]);
  });

  test('a max_model_len that is shorter than prompt and output', () => {
    expect(reasons(run(small, 'max_model_len: 151'))).toEqual([]);
    expect(reasons(run(small, 'max_model_len: 150'))).toEqual([
      'prompt and output need 151 tokens, max_model_len is 150',
    ]);
  });

  test('more tokens than the model has positions', () => {
    const positions = (most: number) => ({ checkpoints: [checkpoint({ max_position_embeddings: most })] });
    expect(reasons(run(small), positions(151))).toEqual([]);
    expect(reasons(run(small), positions(150))).toEqual([expect.stringContaining('the model has positions for 150')]);
    // --hf-overrides can raise the limit: vLLM decides.
    const raised = `args: >-\n      --hf-overrides '{"max_position_embeddings": 999}'`;
    expect(reasons(run(small, raised), positions(150))).toEqual([]);
  });

  test('attention heads that do not divide', () => {
    const text = run(small, 'tensor_parallel_sizes: [1, 3, 4]');
    expect(reasons(text, { checkpoints: [checkpoint({ num_attention_heads: 8 })] })).toEqual([
      '8 attention heads cannot be split over tensor_parallel_size 3',
    ]);
  });

  test('a prompt that is all prefix, which the stock benchmark cannot make', () => {
    const text = run('length_configs: [{input_len: 64, output_len: 5, prefix_len: 64}]');
    expect(reasons(text)).toEqual([]);
    expect(reasons(text.replace('model: m', 'model: m\n    driver: stock'))).toEqual([
      expect.stringContaining('at least one token after the shared prefix'),
    ]);
  });

  test('the model that is meant, and no other, is looked at', () => {
    const other = checkpoint({ model: 'n', num_attention_heads: 1, max_position_embeddings: 1 });
    expect(reasons(run(small, 'tensor_parallel_sizes: [2]'), { checkpoints: [other] })).toEqual([]);
  });

  test('it keeps its name, its settings and its workload', () => {
    const [skipped] = planOf(run(small, 'quantization: fp4'), { ...NO_FACTS, capabilities: vllm('0.20.0') }).skipped;
    expect(skipped).toMatchObject({
      run_name: 'a_TP-1_ISL-100_OSL-50',
      mode: 'vllm_throughput',
      engine: { quantization: 'fp4' },
      workload: { prompt_len: 100 },
    });
  });
});

describe('devices', () => {
  const sizes = run(small, 'tensor_parallel_sizes: [1, 8, 16]', 'pipeline_parallel_sizes: [1, 2]');

  test('bind a plan that is carried out on this host', () => {
    // 16, 8 x 2 and 16 x 2 are more than 8
    expect(reasons(sizes, { devices: B200S }, true)).toEqual(
      [
        'needs 16 devices (tensor parallel x pipeline parallel); this host has 8 x NVIDIA B200',
        'needs 16 devices (tensor parallel x pipeline parallel); this host has 8 x NVIDIA B200',
        'needs 32 devices (tensor parallel x pipeline parallel); this host has 8 x NVIDIA B200',
      ].toSorted(),
    );
  });

  test('do not bind a plan that is only looked at, nor one whose host is not known', () => {
    expect(reasons(sizes, { devices: B200S }, false)).toEqual([]);
    expect(reasons(sizes, {}, true)).toEqual([]);
  });

  test('of a host without accelerators are its cores', () => {
    const cpu = {
      kind: 'cpu',
      name: 'Xeon',
      count: 4,
      memory_bytes: null,
      compute_capability: null,
      accelerator: null,
    } as const;
    expect(reasons(run(small, 'tensor_parallel_sizes: [4, 8]'), { devices: cpu }, true)).toEqual([
      'needs 8 devices (tensor parallel x pipeline parallel); this host has no accelerator and 4 CPU cores',
    ]);
  });
});
