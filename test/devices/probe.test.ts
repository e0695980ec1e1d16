import { availableParallelism, totalmem } from 'node:os';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGpuQuery } from '../../src/devices/nvidia.ts';
import { probeDevices } from '../../src/devices/probe.ts';
import { DEVICE_SOURCES, type SmiAnswer } from '../../src/devices/sources.ts';
import { Refusal } from '../../src/errors/refusal.ts';
import { ACCELERATORS } from '../../src/physics/accelerators.ts';
import type { AcceleratorSpec } from '../../src/schema/hardware.ts';
import { FAILED, hostSources, printed, SILENT } from './host.ts';

/** A host as `nvidia-smi`, /dev and the environment tell of it. */
interface Host {
  /** Index, name, memory.total, compute_cap and mig.mode.current of each GPU. */
  readonly gpus?: string | SmiAnswer;
  /** The same from a driver that does not know the last two fields. */
  readonly oldGpus?: string | SmiAnswer;
  /** `nvidia-smi -L`. */
  readonly list?: string;
  readonly own?: readonly AcceleratorSpec[];
  readonly files?: readonly string[];
  /** Cores that this process may use. */
  readonly cores?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: 'cpu' | 'cuda';
  /** `devices:` of the run definition. */
  readonly asked?: readonly string[];
}

function probe({ gpus, oldGpus, list, own = [], files = [], cores, env = {}, platform, asked }: Host) {
  const answers = {
    ...(gpus === undefined ? {} : { '--query-gpu=index,name,memory.total,compute_cap,mig.mode.current': gpus }),
    ...(oldGpus === undefined ? {} : { '--query-gpu=index,name,memory.total': oldGpus }),
    ...(list === undefined ? {} : { '-L': list }),
  };
  const status = cores === undefined ? {} : { '/proc/self/status': `Cpus_allowed_list:\t${cores}\n` };
  const sources = hostSources({
    env,
    files: { ...Object.fromEntries(files.map((path) => [path, ''])), ...status },
    ...(Object.keys(answers).length === 0 ? {} : { smi: answers }),
  });
  return probeDevices(sources, { own, platform: platform ?? null, asked: asked ?? null });
}

/** Why a host is refused. */
async function refusal(host: Host): Promise<string> {
  try {
    await probe(host);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.exitCode).toBe(5);
    return `${error.message}; ${error.remedy}`;
  }
  return expect.fail('not refused');
}

const B200 = Array.from({ length: 8 }, (_, index) => `${index}, NVIDIA B200, 183359, 10.0, Disabled`).join('\n');
const MIXED =
  '0, NVIDIA T4, 15360, 7.5, [N/A]\n1, NVIDIA H200, 143771, 9.0, Disabled\n2, NVIDIA T4, 15360, 7.5, [N/A]\n';
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
      fc.property(fc.string(), (text) => {
        for (const { memoryBytes } of parseGpuQuery(text)) expect(memoryBytes).not.toBeNaN();
      }),
    );
  });
});

describe('the devices of a host', () => {
  test('are its NVIDIA GPUs, before anything else', async () => {
    expect(await probe({ gpus: B200, files: [...TPU, ...AMD] })).toEqual({
      ids: ['0', '1', '2', '3', '4', '5', '6', '7'],
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
      ids: ['0', '1'],
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
    expect(await probe({ gpus: MIXED, env: { CUDA_VISIBLE_DEVICES: '1' } })).toMatchObject({
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

describe('names by which a launch is held to devices', () => {
  const idsOf = async (host: Host) => (await probe(host)).ids;
  const h100s = Array.from({ length: 4 }, (_, index) => `${index}, NVIDIA H100 80GB HBM3, 81559, 9.0, Disabled`);
  const H100S = h100s.join('\n');
  const uuids = [...printed('list').matchAll(/UUID: (?<uuid>GPU-[^)]+)/g)].map(({ groups }) => groups?.['uuid'] ?? '');
  const [u0 = '', u1 = '', u2 = ''] = uuids;

  test.each([
    { what: 'numbers', host: { gpus: H100S }, ids: ['0', '1', '2', '3'] },
    { what: 'numbers that are shown', host: { gpus: H100S, env: { CUDA_VISIBLE_DEVICES: '3,1' } }, ids: ['3', '1'] },
    {
      what: 'UUIDs that are shown',
      host: { gpus: H100S, list: printed('list'), env: { CUDA_VISIBLE_DEVICES: `${u2},${u0.slice(0, 9)}` } },
      ids: [u2, u0.slice(0, 9)],
    },
    {
      what: 'UUIDs up to the first that is none',
      host: { gpus: H100S, list: printed('list'), env: { CUDA_VISIBLE_DEVICES: `${u2},GPU-ffffffff,${u0}` } },
      ids: [u2],
    },
    { what: 'each once', host: { gpus: H100S, env: { CUDA_VISIBLE_DEVICES: '1,1,2' } }, ids: ['1'] },
    // A GPU that is lost has no name.
    {
      what: 'those that are not lost',
      host: { gpus: H100S.replace('0, NVIDIA H100 80GB HBM3', '0, [GPU is lost]') },
      ids: ['1', '2', '3'],
    },
    { what: 'GPUs of one kind', host: { gpus: MIXED }, ids: ['0', '2'] },
    { what: 'AMD GPUs', host: { files: AMD, env: { HIP_VISIBLE_DEVICES: '1' } }, ids: ['1'] },
    { what: 'AMD GPUs that ROCR leaves', host: { files: AMD, env: { ROCR_VISIBLE_DEVICES: '1' } }, ids: ['0'] },
    { what: 'TPU chips', host: { files: TPU, env: { TPU_VISIBLE_CHIPS: '2,3' } }, ids: ['2', '3'] },
    { what: 'each chip once', host: { files: TPU, env: { TPU_VISIBLE_CHIPS: '1,1,2' } }, ids: ['1'] },
    { what: 'all TPU chips', host: { files: TPU }, ids: undefined },
    { what: 'a whole CPU', host: {}, ids: undefined },
  ])('$what', async ({ host, ids }) => {
    expect(await idsOf(host)).toEqual(ids);
  });

  test('count the devices', async () => {
    const env = { TPU_ACCELERATOR_TYPE: 'tpu7x-8', TPU_VISIBLE_CHIPS: '0,1' };
    // Two chips of two devices each.
    expect(await probe({ files: TPU, env })).toMatchObject({ ids: ['0', '1'], count: 4 });
    expect(await probe({ gpus: MIXED })).toMatchObject({ name: 'NVIDIA T4', count: 2 });
  });

  describe('that the run definition gives', () => {
    test.each([
      { what: 'GPUs', host: { gpus: H100S, asked: ['3', '0'] }, ids: ['3', '0'] },
      { what: 'GPUs by UUID', host: { gpus: H100S, list: printed('list'), asked: [u1] }, ids: [u1] },
      {
        what: 'GPUs by number, shown by UUID',
        host: { gpus: H100S, list: printed('list'), asked: ['2'], env: { CUDA_VISIBLE_DEVICES: `${u1},${u2}` } },
        ids: ['2'],
      },
      { what: 'AMD GPUs', host: { files: AMD, asked: ['1'] }, ids: ['1'] },
      { what: 'TPU chips', host: { files: TPU, asked: ['1', '2'] }, ids: ['1', '2'] },
      { what: 'cores', host: { cores: '0-31', asked: ['0-15', '16-31'] }, ids: ['0-15', '16-31'] },
      { what: 'single cores', host: { cores: '0-3', asked: ['0', '3'] }, ids: ['0', '3'] },
    ])('$what', async ({ host, ids }) => {
      expect(await probe(host)).toMatchObject({ ids, count: ids.length });
    });

    test('change neither kind nor name, which are all that a job’s id has of devices', async () => {
      const [all, some] = [await probe({ gpus: H100S }), await probe({ gpus: H100S, asked: ['2'] })];
      expect([some.kind, some.name]).toEqual([all.kind, all.name]);
      const [whole, part] = [await probe({}), await probe({ cores: '0-3', asked: ['0-1', '2-3'] })];
      expect([part.kind, part.name]).toEqual([whole.kind, whole.name]);
    });

    test('an instance of a GPU is a part of it', async () => {
      const gpus = '0, NVIDIA H100 80GB HBM3, 81559, 9.0, Enabled\n1, NVIDIA H100 80GB HBM3, 81559, 9.0, Disabled\n';
      const asked = ['MIG-0c1d2e3f-0a1b-5c2d-8e3f-a0b1c2d3e4f5'];
      const parted = { ids: asked, count: 1, name: 'NVIDIA H100 80GB HBM3 MIG', memory_bytes: null };
      expect(await probe({ gpus, list: printed('list-mig'), asked })).toMatchObject(parted);
      expect(await refusal({ gpus, list: printed('list-mig'), asked: [...asked, '1'] })).toContain(
        'one kind of device',
      );
    });

    test.each([
      {
        what: 'a GPU that is not there',
        host: { gpus: H100S, asked: ['0', '4'] },
        why: 'no 4 on this host, which has 0, 1, 2, 3',
      },
      {
        what: 'a GPU that is hidden',
        host: { gpus: H100S, asked: ['0'], env: { CUDA_VISIBLE_DEVICES: '1' } },
        why: 'which has 1',
      },
      {
        what: 'a UUID of another host',
        host: { gpus: H100S, list: printed('list'), asked: ['GPU-ffff'] },
        why: 'no GPU-ffff',
      },
      { what: 'two kinds', host: { gpus: MIXED, asked: ['0', '1'] }, why: '0 is NVIDIA T4, but 1 is NVIDIA H200' },
      { what: 'a GPU twice', host: { gpus: H100S, asked: ['0', '0'] }, why: '0 stands there twice' },
      {
        what: 'a GPU by two names',
        host: { gpus: H100S, list: printed('list'), asked: ['1', u1] },
        why: 'GPU 1 stands there twice',
      },
      {
        what: 'the beginning of several UUIDs',
        host: { gpus: H100S, list: printed('list'), asked: ['GPU-'] },
        why: 'no GPU- on this host',
      },
      { what: 'an AMD GPU twice', host: { files: AMD, asked: ['1', '1'] }, why: '1 stands there twice' },
      { what: 'a chip that is not there', host: { files: TPU, asked: ['4'] }, why: 'no 4' },
      { what: 'an AMD GPU that is not there', host: { files: AMD, asked: ['2'] }, why: 'no 2' },
      {
        what: 'a core that is not allowed',
        host: { cores: '0-7', asked: ['4-9'] },
        why: 'no core 8-9; this host has the cores 0-7',
      },
      { what: 'no list of cores', host: { cores: '0-7', asked: ['GPU-1'] }, why: 'GPU-1 is no list of cores' },
      { what: 'cores of two devices', host: { cores: '0-7', asked: ['0-4', '4-7'] }, why: 'core 4 stands there twice' },
      {
        what: 'cores beside a binding for all',
        host: { cores: '0-7', asked: ['0-3'], env: { VLLM_CPU_OMP_THREADS_BIND: '0-7' } },
        why: 'binds every launch to the same cores',
      },
    ])('$what is refused', async ({ host, why }) => {
      expect(await refusal(host)).toContain(why);
    });
  });
});

describe('GPUs that cannot be asked', () => {
  test('are no reason to measure on the CPU instead', async () => {
    expect(await refusal({ gpus: SILENT })).toContain('gives no answer within 20 s');
    expect(await refusal({ gpus: FAILED, oldGpus: FAILED, platform: 'cuda' })).toContain('GPU is lost');
  });

  test('are nobody’s business where vLLM runs on something else, or nobody needs them', async () => {
    expect((await probe({ gpus: SILENT, platform: 'cpu' })).kind).toBe('cpu');
    expect((await probe({ gpus: FAILED })).kind).toBe('cpu');
    expect((await probe({ gpus: FAILED, files: AMD })).kind).toBe('rocm');
  });

  test('are asked once, when there is no answer', async () => {
    const sources = hostSources({
      smi: { '--query-gpu=index,name,memory.total,compute_cap,mig.mode.current': SILENT },
    });
    await expect(probeDevices(sources)).rejects.toThrow(Refusal);
    expect(sources.asked).toHaveLength(1);
  });
});
