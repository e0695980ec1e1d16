import { describe, expect, test } from 'vitest';
import { pinning } from '../../src/devices/pinning.ts';
import type { DeviceFacts } from '../../src/schema/facts.ts';

const devices = (kind: DeviceFacts['kind'], count: number): DeviceFacts => ({
  kind,
  name: 'x',
  count,
  memory_bytes: null,
  compute_capability: null,
  accelerator: null,
});

describe('a launch on GPUs is held to as many as it needs', () => {
  test.each([
    { needed: 1, pinned: '0' },
    { needed: 4, pinned: '0,1,2,3' },
    { needed: 8, pinned: '0,1,2,3,4,5,6,7' },
  ])('$needed of 8', ({ needed, pinned }) => {
    expect(pinning(devices('cuda', 8), needed, {})).toEqual({ CUDA_VISIBLE_DEVICES: pinned });
    expect(pinning(devices('rocm', 8), needed, {})).toEqual({ HIP_VISIBLE_DEVICES: pinned });
  });

  test.each([
    { visible: '3,5,7', needed: 2, pinned: '3,5' },
    { visible: ' 6 , 7 ', needed: 2, pinned: '6,7' },
    { visible: 'GPU-8a56a4bc,GPU-1f2e3d4c', needed: 1, pinned: 'GPU-8a56a4bc' },
    { visible: '4', needed: 1, pinned: '4' },
  ])('$needed of those that the user lets us see: $visible', ({ visible, needed, pinned }) => {
    expect(pinning(devices('cuda', 3), needed, { CUDA_VISIBLE_DEVICES: visible })).toEqual({
      CUDA_VISIBLE_DEVICES: pinned,
    });
  });
});

describe('workers of vLLM on a CPU', () => {
  test('get equal shares of the cores, without overlap', () => {
    expect(pinning(devices('cpu', 8), 2, {})).toEqual({ VLLM_CPU_OMP_THREADS_BIND: '0-3|4-7' });
    expect(pinning(devices('cpu', 9), 4, {})).toEqual({ VLLM_CPU_OMP_THREADS_BIND: '0-1|2-3|4-5|6-7' });
    expect(pinning(devices('cpu', 2), 2, {})).toEqual({ VLLM_CPU_OMP_THREADS_BIND: '0|1' });
  });

  test('alone binds itself', () => {
    expect(pinning(devices('cpu', 8), 1, {})).toEqual({});
  });

  test('are bound as the user says', () => {
    expect(pinning(devices('cpu', 8), 2, { VLLM_CPU_OMP_THREADS_BIND: 'nobind' })).toEqual({});
  });
});

describe('nothing is pinned', () => {
  test.each([devices('tpu', 8), null])('where vLLM chooses or nothing is known: %j', (known) => {
    expect(pinning(known, 2, {})).toEqual({});
  });
});
