import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { execa } from 'execa';
import type { DeviceFacts } from '../schema/facts.ts';

/** What the probe may ask: passed in, so that a test can be any host. */
export interface DeviceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** stdout of `nvidia-smi` with these arguments; null when there is none or it fails. */
  nvidiaSmi(args: readonly string[]): Promise<string | null>;
  exists(path: string): boolean;
  list(path: string): string[];
}

export const DEVICE_SOURCES: Omit<DeviceSources, 'env'> = {
  nvidiaSmi: async (args) => {
    const result = await execa('nvidia-smi', [...args], { reject: false, timeout: 20_000 });
    return result.exitCode === 0 ? result.stdout : null;
  },
  exists: existsSync,
  list: (path) => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  },
};

/** The devices of this host: NVIDIA GPUs, AMD GPUs, TPU chips, or the cores of its CPU. */
export async function probeDevices(sources: DeviceSources): Promise<DeviceFacts> {
  return (await nvidia(sources)) ?? tpu(sources) ?? amd(sources) ?? cpu();
}

async function nvidia(sources: DeviceSources): Promise<DeviceFacts | null> {
  const text = await sources.nvidiaSmi(['--query-gpu=index,name,memory.total', '--format=csv,noheader,nounits']);
  if (text === null) return null;
  const gpus = visibleGpus(parseGpuQuery(text), sources.env['CUDA_VISIBLE_DEVICES']);
  const [first] = gpus;
  return first === undefined
    ? null
    : {
        kind: 'cuda',
        name: first.name,
        count: gpus.length,
        memory_bytes: first.memoryBytes,
        compute_capability: null,
        accelerator: null,
      };
}

/** As CUDA reads it: in the order of the list, up to the first entry that is no device; UUIDs are taken at their word. */
function visibleGpus<T>(gpus: readonly T[], visible: string | undefined): T[] {
  if (visible === undefined) return [...gpus];
  const chosen: T[] = [];
  for (const entry of visible.split(',').map((part) => part.trim())) {
    const gpu = /^\d+$/.test(entry)
      ? gpus[Number(entry)]
      : /^(?:GPU|MIG)-/.test(entry)
        ? gpus[chosen.length]
        : undefined;
    if (gpu === undefined) break;
    chosen.push(gpu);
  }
  return chosen;
}

/** `0, NVIDIA B200, 183359` a line; memory in MiB, `[N/A]` where the driver does not tell. */
export function parseGpuQuery(text: string): { name: string; memoryBytes: number | null }[] {
  return text.split('\n').flatMap((line) => {
    const parts = /^\s*\d+, (?<name>.+), (?<memory>[^,]+)$/.exec(line.trimEnd())?.groups;
    if (parts === undefined) return [];
    const mebibytes = Number(parts['memory']);
    return [{ name: parts['name'] ?? '', memoryBytes: Number.isFinite(mebibytes) ? mebibytes * 2 ** 20 : null }];
  });
}

/** TPU chips show as /dev/accel<n>, or as numbered groups in /dev/vfio on newer hosts. */
function tpu(sources: DeviceSources): DeviceFacts | null {
  const accel = sources.list('/dev').filter((name) => /^accel\d+$/.test(name)).length;
  const isTpuHost = ['TPU_ACCELERATOR_TYPE', 'TPU_NAME', 'TPU_WORKER_ID', 'TPU_SKIP_MDS_QUERY'].some(
    (name) => sources.env[name] !== undefined,
  );
  const vfio = isTpuHost ? sources.list('/dev/vfio').filter((name) => /^\d+$/.test(name)).length : 0;
  const chips = accel || vfio;
  const name = sources.env['TPU_ACCELERATOR_TYPE'] ?? 'TPU';
  // One Ironwood chip is two devices to JAX and to tensor parallelism.
  const devicesPerChip = /7x/i.test(name) ? 2 : 1;
  return chips === 0
    ? null
    : {
        kind: 'tpu',
        name,
        count: chips * devicesPerChip,
        memory_bytes: null,
        compute_capability: null,
        accelerator: null,
      };
}

function amd(sources: DeviceSources): DeviceFacts | null {
  if (!sources.exists('/dev/kfd')) return null;
  const count = sources.list('/dev/dri').filter((name) => name.startsWith('renderD')).length;
  return count === 0
    ? null
    : { kind: 'rocm', name: 'AMD GPU', count, memory_bytes: null, compute_capability: null, accelerator: null };
}

function cpu(): DeviceFacts {
  return {
    kind: 'cpu',
    name: cpus()[0]?.model.trim() ?? 'CPU',
    count: availableParallelism(),
    memory_bytes: totalmem(),
    compute_capability: null,
    accelerator: null,
  };
}
