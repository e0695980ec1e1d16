import { availableParallelism, totalmem } from 'node:os';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGpuQuery } from '../../src/devices/nvidia.ts';
import { DEVICE_SOURCES, type DeviceSources, probeDevices } from '../../src/devices/probe.ts';
import { ACCELERATORS } from '../../src/physics/accelerators.ts';
import type { AcceleratorSpec } from '../../src/schema/hardware.ts';

/** A host as `nvidia-smi`, /dev and the environment tell of it. */
interface Host {
  /** Index, name, memory.total, compute_cap and mig.mode.current of each GPU. */
  readonly gpus?: string;
  /** The same from a driver that does not know the last two fields. */
  readonly oldGpus?: string;
  readonly own?: readonly AcceleratorSpec[];
  readonly files?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: 'cpu' | 'cuda';
}

function probe({ gpus, oldGpus, own = [], files = [], env = {}, platform }: Host) {
  const sources: DeviceSources = {
    env,
    nvidiaSmi: async (args) => {
      // nvidia-smi --help-query-gpu: memory.total in MiB without units; it fails as a whole for a field it does not know.
      expect(args[1]).toBe('--format=csv,noheader,nounits');
      if (args[0] === '--query-gpu=index,name,memory.total,compute_cap,mig.mode.current') return gpus ?? null;
      expect(args[0]).toBe('--query-gpu=index,name,memory.total');
      return oldGpus ?? null;
    },
    exists: (path) => files.some((file) => file === path || file.startsWith(`${path}/`)),
    list: (path) => files.filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1)),
  };
  return probeDevices(sources, own, platform);
}

const B200 = Array.from({ length: 8 }, (_, index) => `${index}, NVIDIA B200, 183359, 10.0, Disabled`).join('\n');
const AMD = ['/dev/kfd', '/dev/dri/card0', '/dev/dri/renderD128', '/dev/dri/renderD129'];
const TPU = ['/dev/accel0', '/dev/accel1', '/dev/accel2', '/dev/accel3'];

describe('the answer of nvidia-smi', () => {
  test.each([
    { text: '0, NVIDIA B200, 183359\n', gpus: [['NVIDIA B200', 183_359]] },
    {
      text: '0, NVIDIA H200, 143771\r\n1, NVIDIA H200, 143771\r\n',
      gpus: [
        ['NVIDIA H200', 143_771],
        ['NVIDIA H200', 143_771],
      ],
    },
    { text: '0, NVIDIA GB10, [N/A]\n', gpus: [['NVIDIA GB10', null]] },
    { text: '0, Tesla, the odd one, 16384\n', gpus: [['Tesla, the odd one', 16_384]] },
    {
      text: '0, NVIDIA H100 80GB HBM3 MIG 1g.10gb, [Insufficient Permissions]',
      gpus: [['NVIDIA H100 80GB HBM3 MIG 1g.10gb', null]],
    },
    { text: '', gpus: [] },
    { text: 'No devices were found\n', gpus: [] },
    { text: 'NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver.\n', gpus: [] },
  ])('$text', ({ text, gpus }) => {
    expect(parseGpuQuery(text)).toEqual(
      gpus.map(([name, mebibytes]) =>
        expect.objectContaining({ name, memoryBytes: mebibytes === null ? null : Number(mebibytes) * 1024 * 1024 }),
      ),
    );
  });

  // The fields after the memory: nvidia-smi --help-query-gpu.
  test.each([
    ['0, NVIDIA B200, 183359, 10.0, Disabled', '10.0', false],
    ['0, NVIDIA H100 80GB HBM3, 81559, 9.0, Enabled', '9.0', true],
    ['0, NVIDIA L4, 23034, 8.9, [N/A]', '8.9', false],
    ['0, NVIDIA GB10, [N/A], 12.1, [Not Supported]', '12.1', false],
    ['0, Tesla, the odd one, 16384, [N/A], [N/A]', null, false],
  ])('%s', (line, computeCapability, mig) => {
    const [, name] = line.split(', ');
    expect(parseGpuQuery(line)).toEqual([expect.objectContaining({ computeCapability, mig })]);
    expect(parseGpuQuery(line)[0]?.name).toContain(name);
  });

  test('may be any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
        for (const { memoryBytes } of parseGpuQuery(text)) expect(memoryBytes).not.toBeNaN();
      }),
    );
  });
});

describe('the devices of a host', () => {
  test('are its NVIDIA GPUs, before anything else', async () => {
    expect(await probe({ gpus: B200, files: [...TPU, ...AMD] })).toEqual({
      kind: 'cuda',
      name: 'NVIDIA B200',
      count: 8,
      memory_bytes: 183_359 * 1024 * 1024,
      compute_capability: '10.0',
      accelerator: expect.objectContaining({ id: 'b200' }),
    });
  });

  test('are its TPU chips, before AMD GPUs', async () => {
    expect(await probe({ files: [...TPU, ...AMD], env: { TPU_ACCELERATOR_TYPE: 'v6e-4' } })).toEqual({
      kind: 'tpu',
      name: 'v6e-4',
      count: 4,
      memory_bytes: 32 * 1024 ** 3,
      compute_capability: null,
      accelerator: expect.objectContaining({ id: 'tpu-v6e' }),
    });
  });

  test('are its AMD GPUs', async () => {
    expect(await probe({ files: AMD })).toEqual({
      kind: 'rocm',
      name: 'AMD GPU',
      count: 2,
      memory_bytes: null,
      compute_capability: null,
      accelerator: null,
    });
  });

  test('are the cores of its CPU, when there is no accelerator', async () => {
    expect(await probe({})).toEqual({
      kind: 'cpu',
      name: expect.stringMatching(/./),
      count: availableParallelism(),
      memory_bytes: totalmem(),
      compute_capability: null,
      accelerator: null,
    });
  });

  test('are its cores for the CPU build of vLLM, whatever else there is', async () => {
    expect((await probe({ gpus: B200, platform: 'cpu' })).kind).toBe('cpu');
    expect((await probe({ gpus: B200, platform: 'cuda' })).kind).toBe('cuda');
  });

  test('are no GPUs that a driver cannot see', async () => {
    expect((await probe({ gpus: 'No devices were found\n' })).kind).toBe('cpu');
    expect((await probe({ files: ['/dev/kfd', '/dev/dri/card0'] })).kind).toBe('cpu');
  });

  test('of a driver that knows neither compute_cap nor MIG are found all the same', async () => {
    expect(await probe({ oldGpus: '0, NVIDIA A100-SXM4-80GB, 81920\n' })).toMatchObject({
      count: 1,
      compute_capability: null,
      accelerator: { id: 'a100-80gb' },
    });
  });

  // nvidia-smi tells the name and the memory of the whole GPU.
  test('that are parts of a GPU have neither its memory nor its limits', async () => {
    const parted = { name: 'NVIDIA H100 80GB HBM3 MIG', memory_bytes: null, accelerator: null };
    const gpus = '0, NVIDIA H100 80GB HBM3, 81559, 9.0, Enabled\n';
    expect(await probe({ gpus })).toMatchObject({ ...parted, compute_capability: '9.0' });
    const env = { CUDA_VISIBLE_DEVICES: 'MIG-5c89852c-d268-c3f3-1b07-005d5ae1dc3f' };
    expect(await probe({ oldGpus: '0, NVIDIA H100 80GB HBM3, 81559\n', env })).toMatchObject({ ...parted, count: 1 });
  });

  test('are looked for among the accelerators that the user added', async () => {
    const [b200] = ACCELERATORS;
    const own = b200 === undefined ? [] : [{ ...b200, id: 'ours', names: ['.'] }];
    expect(await probe({ own })).toMatchObject({ kind: 'cpu', accelerator: { id: 'ours' } });
    expect(await probe({ own, files: AMD })).toMatchObject({ kind: 'rocm', accelerator: { id: 'ours' } });
    expect(await probe({ own, gpus: B200 })).toMatchObject({ kind: 'cuda', accelerator: { id: 'ours' } });
  });

  test('are found on this host without an exception', async () => {
    expect((await probeDevices({ ...DEVICE_SOURCES, env: {} })).count).toBeGreaterThan(0);
  });
});

describe('CUDA_VISIBLE_DEVICES', () => {
  test.each([
    { visible: '0', count: 1 },
    { visible: '0,1,2', count: 3 },
    { visible: ' 3 , 5 ', count: 2 },
    { visible: 'GPU-8a56a4bc,GPU-1f2e3d4c', count: 2 },
    { visible: '0,1,2,3,4,5,6,7', count: 8 },
  ])('"$visible" leaves $count', async ({ visible, count }) => {
    expect(await probe({ gpus: B200, env: { CUDA_VISIBLE_DEVICES: visible } })).toMatchObject({ kind: 'cuda', count });
  });

  test.each(['', '-1', ' '])('"%s" hides them all', async (visible) => {
    expect((await probe({ gpus: B200, env: { CUDA_VISIBLE_DEVICES: visible } })).kind).toBe('cpu');
  });

  // CUDA: a number that is no device hides it and everything behind it.
  test.each([
    { visible: '0,-1,1', count: 1 },
    { visible: '0,9,1', count: 1 },
  ])('"$visible" ends at what is no device', async ({ visible, count }) => {
    expect(await probe({ gpus: B200, env: { CUDA_VISIBLE_DEVICES: visible } })).toMatchObject({ kind: 'cuda', count });
  });

  // The name is part of every job's id.
  test('chooses the device whose name and memory count', async () => {
    const mixed = '0, NVIDIA T4, 15360, 7.5, [N/A]\n1, NVIDIA H200, 143771, 9.0, Disabled\n';
    expect(await probe({ gpus: mixed, env: { CUDA_VISIBLE_DEVICES: '1' } })).toMatchObject({
      name: 'NVIDIA H200',
      memory_bytes: 143_771 * 1024 * 1024,
    });
  });
});

describe('TPU chips', () => {
  test('are two devices each on Ironwood, where tensor parallelism counts half-chips', async () => {
    for (const TPU_ACCELERATOR_TYPE of ['tpu7x-8', 'v7x-8', 'tpu7x-2x2x1'])
      expect(await probe({ files: TPU, env: { TPU_ACCELERATOR_TYPE } })).toMatchObject({ kind: 'tpu', count: 8 });
  });

  test('of newer hosts are numbered groups in /dev/vfio', async () => {
    const files = ['/dev/vfio/0', '/dev/vfio/1', '/dev/vfio/vfio'];
    expect(await probe({ files, env: { TPU_WORKER_ID: '0' } })).toMatchObject({ kind: 'tpu', name: 'TPU', count: 2 });
  });

  test('are not the /dev/vfio groups of any other host', async () => {
    expect((await probe({ files: ['/dev/vfio/0', '/dev/vfio/vfio'] })).kind).toBe('cpu');
  });
});
