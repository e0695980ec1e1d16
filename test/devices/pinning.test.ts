import { describe, expect, test } from 'vitest';
import { deviceIds, idsNeeded } from '../../src/devices/ids.ts';
import { type Pinned, pinning } from '../../src/devices/pinning.ts';
import { ACCELERATORS } from '../../src/physics/accelerators.ts';
import type { DeviceFacts } from '../../src/schema/facts.ts';
import { facts } from './host.ts';

/** A launch with an empty environment that got these devices, one a worker. */
function pin(devices: DeviceFacts | null, ids: readonly string[], rest: Partial<Pinned> = {}) {
  return pinning({ devices, ids, workers: ids.length, env: {}, own: {}, ...rest });
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => String(index));

describe('a launch on NVIDIA GPUs', () => {
  // The numbers are those of nvidia-smi: CUDA, left alone, puts the fastest GPU first.
  test.each([['0'], ['4', '5'], numbered(8)].map((ids) => ({ ids })))('$ids', ({ ids }) => {
    expect(pin(facts('cuda', 8, numbered(8)), ids)).toEqual({
      CUDA_VISIBLE_DEVICES: ids.join(','),
      CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    });
  });

  test('UUIDs have no order', () => {
    const ids = ['GPU-8a56a4bc', 'MIG-0c1d2e3f-0a1b-5c2d-8e3f-a0b1c2d3e4f5'];
    expect(pin(facts('cuda', 2, ids), ids)).toEqual({ CUDA_VISIBLE_DEVICES: ids.join(',') });
  });

  test('the order that the user gives stays', () => {
    const env = { CUDA_DEVICE_ORDER: 'FASTEST_FIRST', CUDA_VISIBLE_DEVICES: '4,5,6,7' };
    expect(pin(facts('cuda', 4, ['4', '5', '6', '7']), ['6'], { env })).toEqual({ CUDA_VISIBLE_DEVICES: '6' });
  });
});

describe('a launch on AMD GPUs', () => {
  const eight = facts('rocm', 8, numbered(8));

  test('is told by the variable of HIP', () => {
    expect(pin(eight, ['2', '3'])).toEqual({ HIP_VISIBLE_DEVICES: '2,3' });
  });

  // vLLM 0.32, platforms/rocm.py: it ends when the two say different things.
  test('and by that of CUDA where the user has set it', () => {
    expect(pin(eight, ['2'], { env: { CUDA_VISIBLE_DEVICES: '2,3' } })).toEqual({
      HIP_VISIBLE_DEVICES: '2',
      CUDA_VISIBLE_DEVICES: '2',
    });
  });
});

describe('a launch on TPU chips', () => {
  const eight = facts('tpu', 8);

  test('that has all of the host is told nothing', () => {
    expect(pin(eight, numbered(8))).toEqual({});
    expect(pin(facts('tpu', 4), numbered(4))).toEqual({});
  });

  test('that has all that it may have is told which', () => {
    expect(pin(facts('tpu', 2, ['2', '3']), ['2', '3'])).toMatchObject({ TPU_VISIBLE_CHIPS: '2,3' });
  });

  // jax issue 8809: 1,1,1 for a chip, 1,2,1 for two, 2,2,1 for four.
  test.each([
    { chips: ['3'], shape: '1,1,1' },
    { chips: ['2', '3'], shape: '1,2,1' },
    { chips: ['4', '5', '6', '7'], shape: '2,2,1' },
  ])('$chips', ({ chips, shape }) => {
    expect(pin(eight, chips)).toMatchObject({
      TPU_VISIBLE_CHIPS: chips.join(','),
      TPU_CHIPS_PER_PROCESS_BOUNDS: shape,
      TPU_PROCESS_BOUNDS: '1,1,1',
    });
  });

  test('has a port that no other launch has', () => {
    const ports = [['0', '1'], ['2', '3'], ['7']].map((chips) => pin(eight, chips));
    expect(new Set(ports.map((variables) => variables['TPU_PROCESS_PORT'])).size).toBe(3);
    for (const variables of ports)
      expect(variables['TPU_PROCESS_ADDRESSES']).toBe(`localhost:${variables['TPU_PROCESS_PORT']}`);
  });
});

describe('workers of vLLM on a whole CPU host', () => {
  const bind = (count: number, workers: number, rest: Partial<Pinned> = {}) =>
    pin(facts('cpu', count), [], { workers, ...rest })['VLLM_CPU_OMP_THREADS_BIND'];

  test('get equal shares of the cores, without overlap', () => {
    expect(bind(8, 2)).toBe('0-3|4-7');
    expect(bind(9, 4)).toBe('0-1|2-3|4-5|6-7');
    expect(bind(2, 2)).toBe('0|1');
  });

  test('are bound to cores that they may use, one a node', () => {
    const cpu = {
      cores: [2, 3, 8, 4, 5],
      nodes: [
        [2, 3, 8],
        [4, 5],
      ],
    };
    expect(bind(5, 2, { cpu })).toBe('2-3|4-5');
  });

  test('alone binds itself, and more than there are cores are not bound', () => {
    expect(bind(8, 1)).toBeUndefined();
    expect(bind(2, 3)).toBeUndefined();
  });

  test('are bound as the user says', () => {
    expect(bind(8, 2, { env: { VLLM_CPU_OMP_THREADS_BIND: 'nobind' } })).toBeUndefined();
  });
});

test('workers on lists of cores get a list each, also a single one', () => {
  const devices = facts('cpu', 3, ['0-3', '4-7', '8,9']);
  expect(pin(devices, ['4-7'])).toEqual({ VLLM_CPU_OMP_THREADS_BIND: '4-7' });
  expect(pin(devices, ['0-3', '8,9'])).toEqual({ VLLM_CPU_OMP_THREADS_BIND: '0-3|8,9' });
  const env = { VLLM_CPU_OMP_THREADS_BIND: 'auto' };
  expect(pin(devices, ['4-7'], { env })).toEqual({ VLLM_CPU_OMP_THREADS_BIND: '4-7' });
});

test('nothing is pinned where nothing is known', () => {
  expect(pin(null, [], { workers: 2 })).toEqual({});
});

describe('what a run holds to devices in its own env is left as it is', () => {
  test.each([
    { kind: 'cuda', own: { CUDA_VISIBLE_DEVICES: '7' } },
    { kind: 'rocm', own: { ROCR_VISIBLE_DEVICES: '7' } },
    { kind: 'tpu', own: { TPU_VISIBLE_CHIPS: '3' } },
    { kind: 'cpu', own: { VLLM_CPU_OMP_THREADS_BIND: '0-3' } },
  ] as const)('$kind', ({ kind, own }) => {
    expect(pin(facts(kind, 8), ['0'], { own, env: own })).toEqual({});
    expect(pin(facts(kind, 8, numbered(8)), ['0'], { own: { OTHER: '1' } })).not.toEqual({});
  });
});

describe('names that launches share', () => {
  const ironwood = ACCELERATORS.find(({ id }) => id === 'tpu7x') ?? expect.fail('no tpu7x');

  test.each([
    { what: 'GPUs without names', devices: facts('cuda', 3), ids: ['0', '1', '2'], needed: [1, 2, 3] },
    { what: 'GPUs with names', devices: facts('cuda', 2, ['4', '5']), ids: ['4', '5'], needed: [1, 2, 3] },
    { what: 'lists of cores', devices: facts('cpu', 2, ['0-3', '4-7']), ids: ['0-3', '4-7'], needed: [1, 2, 3] },
    // A chip is two devices: TP 1 and TP 2 take one, TP 3 takes two.
    {
      what: 'Ironwood chips',
      devices: { ...facts('tpu', 8), accelerator: ironwood },
      ids: ['0', '1', '2', '3'],
      needed: [1, 1, 2],
    },
  ])('$what', ({ devices, ids, needed }) => {
    expect(deviceIds(devices)).toEqual(ids);
    expect([1, 2, 3].map((workers) => idsNeeded(devices, workers))).toEqual(needed);
  });

  test.each([facts('cpu', 8), null])('%j: each launch has the host alone', (devices) => {
    expect(deviceIds(devices)).toEqual([]);
    expect(idsNeeded(devices, 4)).toBe(0);
  });
});
