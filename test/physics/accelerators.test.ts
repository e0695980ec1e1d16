import { describe, expect, test } from 'vitest';
import { ACCELERATORS, acceleratorNamed } from '../../src/physics/accelerators.ts';
import { devicesOfMachine, MACHINES } from '../../src/physics/machines.ts';
import { DeviceFacts } from '../../src/schema/facts.ts';
import { AcceleratorSpec } from '../../src/schema/hardware.ts';

test('every row of the table has its figures, each with source and date', () => {
  for (const spec of ACCELERATORS) {
    expect(AcceleratorSpec.parse(spec)).toEqual(spec);
    for (const { source } of [spec.memory_bytes, spec.memory_bandwidth_bytes_per_s, ...Object.values(spec.flops)])
      expect(source).toMatch(/^https:\/\/|^MLPerf /);
  }
  expect(new Set(ACCELERATORS.map(({ id }) => id)).size).toBe(ACCELERATORS.length);
});

describe('a driver’s name', () => {
  // As nvidia-smi, JAX and Google's tools spell them.
  test.each([
    ['NVIDIA B200', 'b200'],
    ['NVIDIA GB200', 'gb200'],
    ['NVIDIA B300 SXM6 AC', 'b300'],
    ['NVIDIA GB300', 'gb300'],
    ['NVIDIA H200', 'h200'],
    ['NVIDIA H100 80GB HBM3', 'h100-sxm'],
    ['NVIDIA A100-SXM4-80GB', 'a100-80gb'],
    ['NVIDIA A100 80GB PCIe', 'a100-80gb-pcie'],
    ['NVIDIA A100-PCIE-40GB', 'a100-40gb'],
    ['NVIDIA L4', 'l4'],
    ...['TPU7x', 'TPU v7', 'TPU v7x', 'tpu7x', 'v7x', 'TPU-V7X', 'tpu7x-8', 'tpu7x-2x2x1', 'v7x-8'].map((name) => [
      name,
      'tpu7x',
    ]),
    ...['v6e-4', 'TPU v6e', 'TPU v6 lite', 'tpu-v6e-8'].map((name) => [name, 'tpu-v6e']),
  ])('%s is %s', (name, id) => {
    const found = ACCELERATORS.filter((spec) => acceleratorNamed(name ?? '', [])?.id === spec.id);
    expect(found.map((spec) => spec.id)).toEqual([id]);
  });

  // Another form has other figures; a part has a part of them.
  test.each([
    'NVIDIA H100 PCIe',
    'NVIDIA H100 NVL',
    'NVIDIA H200 NVL',
    'NVIDIA L40S',
    'NVIDIA A10',
    'NVIDIA H100 80GB HBM3 MIG 1g.10gb',
    'NVIDIA GH200 480GB',
    'TPU',
    'TPU v4',
    'Intel(R) Xeon(R) Processor',
    '',
  ])('%s is none of them', (name) => {
    expect(acceleratorNamed(name)).toBeNull();
  });

  test('is looked for among the user’s own first', () => {
    const own = { ...(ACCELERATORS[0] as AcceleratorSpec), id: 'ours', names: ['xeon', 'b200'] };
    expect(acceleratorNamed('NVIDIA B200', [own])?.id).toBe('ours');
    expect(acceleratorNamed('Intel(R) Xeon(R) Processor', [own])?.id).toBe('ours');
    expect(acceleratorNamed('NVIDIA L4', [own])?.id).toBe('l4');
    expect(acceleratorNamed('NVIDIA L4', [{ ...own, names: ['('] }])?.id).toBe('l4');
  });
});

test('FLOP/s are dense: 4.5 PFLOP/s in FP8 of a B200, 72 sparse of eight in a DGX B200 / 8 / 2', () => {
  expect(acceleratorNamed('NVIDIA B200')?.flops.fp8?.value).toBe(72e15 / 8 / 2);
  expect(acceleratorNamed('NVIDIA B200')?.flops.fp4?.value).toBe(72e15 / 8);
});

test('an Ironwood device is half a chip: 96 GiB, 3690 GB/s, 2307 TFLOP/s in FP8, and no FP4', () => {
  const ironwood = acceleratorNamed('tpu7x-8');
  expect(ironwood).toMatchObject({
    devices_per_chip: 2,
    memory_bytes: { value: 96 * 2 ** 30 },
    memory_bandwidth_bytes_per_s: { value: 3690e9 },
    flops: { bf16: { value: 1153.5e12 }, fp8: { value: 2307e12 } },
  });
  expect(ironwood?.flops.fp4).toBeUndefined();
});

describe('a machine type', () => {
  // docs.cloud.google.com: 8 x B200, 4 x GB200, 4 x GB300; 4 chips of 2 TensorCores.
  test.each([
    ['a4-highgpu-8g', 8, 'b200', '10.0'],
    ['a4x-highgpu-4g', 4, 'gb200', '10.0'],
    ['a4x-maxgpu-4g-metal', 4, 'gb300', '10.3'],
    ['tpu7x-standard-4t', 8, 'tpu7x', null],
  ])('%s has %i x %s', (type, count, id, compute_capability) => {
    const devices = devicesOfMachine(type);
    expect(devices).toMatchObject({ count, compute_capability, accelerator: { id } });
    expect(DeviceFacts.parse(devices)).toEqual(devices);
    // Its name is the one that its driver reports: a point has the same id when it is planned there.
    expect(acceleratorNamed(devices?.name ?? '')?.id).toBe(id);
  });

  test('that is not in the table is null', () => {
    expect(['a3-highgpu-8g', '', 'toString', 'a4'].map(devicesOfMachine)).toEqual([null, null, null, null]);
    expect(Object.keys(MACHINES)).toHaveLength(4);
  });
});
