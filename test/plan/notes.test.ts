import { describe, expect, test } from 'vitest';
import type { CheckpointFacts, DeviceFacts, Facts } from '../../src/schema/facts.ts';
import { goodRun } from '../config/definition.ts';
import { B200S, checkpoint, DENSE, MOE, NO_FACTS, planOf, quantizedWith, vllm } from './plans.ts';

const gpu = (name: string, compute_capability: string): DeviceFacts => ({ ...B200S, name, compute_capability });
const TPU: DeviceFacts = { ...B200S, kind: 'tpu', name: 'TPU v7x', compute_capability: null };

function notes(quantization: string, devices: DeviceFacts, changes: Partial<CheckpointFacts> = {}, version = '0.32.0') {
  const facts: Facts = { capabilities: vllm(version), checkpoints: [checkpoint({ size: DENSE, ...changes })], devices };
  return planOf(goodRun(`quantization: ${quantization}`, 'tensor_parallel_sizes: [1, 2]', 'starts: 2'), facts).notes;
}

describe('a precision that is less than its name', () => {
  test('FP4 before Blackwell is called what it is, once', () => {
    expect(notes('fp4', gpu('NVIDIA H100', '9.0'))).toEqual([
      'fp4 (mxfp4): MXFP4 weights only (W4A16), computed in 16 bits on NVIDIA H100 (compute capability 9.0); this is no FP4 compute',
    ]);
    const nvfp4 = { quantization: quantizedWith('modelopt_fp4', 'nvfp4') };
    expect(notes('fp4', gpu('NVIDIA H100', '9.0'), nvfp4)).toEqual([
      expect.stringContaining('fp4: NVFP4 weights only'),
    ]);
    expect(notes('fp4', B200S)).toEqual([]);
    expect(notes('fp4', B200S, nvfp4)).toEqual([]);
  });

  test('a checkpoint that is W4A16 by itself is so on every device', () => {
    const gptOss = { quantization: quantizedWith('mxfp4', 'mxfp4', { activations: null }), size: MOE };
    expect(notes('fp4', B200S, gptOss)).toEqual([expect.stringContaining('this is no FP4 compute')]);
  });

  test('FP8 before Ada is called what it is', () => {
    expect(notes('fp8', gpu('NVIDIA A100', '8.0'))).toEqual([
      'fp8 (fp8_per_tensor): FP8 weights only (W8A16), computed in 16 bits on NVIDIA A100 (compute capability 8.0), which has no FP8 units',
    ]);
    expect(notes('fp8', gpu('NVIDIA L4', '8.9'))).toEqual([]);
    // That one is W8A16 because it is written so.
    const w8a16 = { quantization: quantizedWith('compressed-tensors', 'fp8', { activations: null }) };
    expect(notes('fp8', gpu('NVIDIA A100', '8.0'), w8a16)).toEqual([]);
  });

  test('a scheme that reaches the experts only', () => {
    expect(notes('fp4', B200S, { size: MOE }, '0.27.1')).toEqual([
      'fp4 (nvfp4_per_token): only the experts are quantized; attention and the other linear layers stay as they are',
    ]);
  });

  test('none is what it is', () => {
    expect(notes('none', gpu('NVIDIA A100', '8.0'))).toEqual([]);
  });
});

test.each(['--load-format dummy', '--load-format=dummy', '--load_format=dummy'])('%s is random weights', (args) => {
  expect(planOf(goodRun(`args: ${args}`)).notes).toEqual([expect.stringContaining('random weights')]);
});

test('a revision whose files are not here', () => {
  const of = (config_sha256: string | null) =>
    planOf(goodRun('args: --revision v2'), { ...NO_FACTS, checkpoints: [checkpoint({ config_sha256 })] }).notes;
  expect(of(null)).toEqual([expect.stringMatching(/^m: revision v2 is not on this host/)]);
  expect(of('c0ffee')).toEqual([]);
});

describe('on Ironwood', () => {
  test('a tensor parallel size counts half-chips', () => {
    expect(notes('none', TPU)).toEqual([expect.stringContaining('2 in a chip: 8 is 4 chips')]);
    expect(notes('none', { ...TPU, name: 'TPU v6e' })).toEqual([]);
  });

  test('FP4 is weight-only', () => {
    const nvfp4 = { quantization: quantizedWith('modelopt_fp4', 'nvfp4') };
    expect(notes('fp4', TPU, nvfp4)).toContainEqual(
      expect.stringContaining('computed in 16 bits on TPU v7x; this is no FP4'),
    );
  });
});

describe('lists of cores, which share the memory of their node', () => {
  const lists = (count: number): DeviceFacts => ({
    ...{ kind: 'cpu', name: 'Xeon', memory_bytes: 2 ** 34, compute_capability: null, accelerator: null, count },
    ids: Array.from({ length: count }, (_, i) => `${2 * i}-${2 * i + 1}`),
  });
  const notesOf = (devices: DeviceFacts, bind: boolean, ...lines: string[]) =>
    planOf(goodRun(...lines), { ...NO_FACTS, devices }, bind).notes;

  test.each([true, false])('cannot each take the default share of it (carried out here: %s)', (bind) => {
    // Two lists of 0.9 each are 1.8 of one node.
    expect(notesOf(lists(2), bind, 'starts: 2')).toEqual([
      expect.stringMatching(
        /^gpu_memory_utilization 0\.9 on each of 2 lists of cores.*at most 0\.45.*--kv-cache-memory/,
      ),
    ]);
  });

  test.each([
    ['shares that fit', lists(2), ['starts: 2', 'gpu_memory_utilization: 0.45']],
    ['one launch', lists(2), []],
    ['launches that run alone', lists(2), ['starts: 2', 'exclusive: true']],
    ['launches that take all lists', lists(2), ['starts: 2', 'tensor_parallel_sizes: [2]']],
    ['one list', lists(1), ['starts: 2']],
    ['a size of the cache', lists(2), ['starts: 2', 'args: --kv-cache-memory-bytes 1G']],
    ['a size of the cache in the environment', lists(2), ['starts: 2', "env: { VLLM_CPU_KVCACHE_SPACE: '1' }"]],
    ['accelerators', B200S, ['starts: 2']],
  ])('and nothing is said of %s', (_, devices, lines) => {
    expect(notesOf(devices, true, ...lines)).toEqual([]);
  });
});
