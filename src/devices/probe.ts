import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { execa } from 'execa';
import { acceleratorNamed } from '../physics/accelerators.ts';
import type { Capabilities, DeviceFacts } from '../schema/facts.ts';
import type { AcceleratorSpec } from '../schema/hardware.ts';
import { type NvidiaSources, nvidiaGpus } from './nvidia.ts';

/** What the probe may ask: passed in, so that a test can be any host. */
export interface DeviceSources extends NvidiaSources {
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

/**
 * The devices that an engine has on this host: NVIDIA GPUs, AMD GPUs, TPU chips, or the cores of its CPU. `own`:
 * accelerators that the user added to the table. `platform`: what the vLLM that will run was built for; its CPU build
 * computes on the CPU, whatever else is there.
 */
export async function probeDevices(
  sources: DeviceSources,
  own: readonly AcceleratorSpec[] = [],
  platform: Capabilities['platform'] = null,
): Promise<DeviceFacts> {
  if (platform === 'cpu') return cpu(own);
  return (await nvidiaGpus(sources, own)) ?? tpu(sources, own) ?? amd(sources, own) ?? cpu(own);
}

/** TPU chips show as /dev/accel<n>, or as numbered groups in /dev/vfio on newer hosts. */
function tpu(sources: DeviceSources, own: readonly AcceleratorSpec[]): DeviceFacts | null {
  const accel = sources.list('/dev').filter((name) => /^accel\d+$/.test(name)).length;
  const isTpuHost = ['TPU_ACCELERATOR_TYPE', 'TPU_NAME', 'TPU_WORKER_ID', 'TPU_SKIP_MDS_QUERY'].some(
    (name) => sources.env[name] !== undefined,
  );
  const vfio = isTpuHost ? sources.list('/dev/vfio').filter((name) => /^\d+$/.test(name)).length : 0;
  const chips = accel || vfio;
  const name = sources.env['TPU_ACCELERATOR_TYPE'] ?? 'TPU';
  const accelerator = acceleratorNamed(name, own);
  return chips === 0
    ? null
    : {
        kind: 'tpu',
        name,
        // One Ironwood chip is two devices to JAX and to tensor parallelism.
        count: chips * (accelerator?.devices_per_chip ?? 1),
        memory_bytes: accelerator?.memory_bytes.value ?? null,
        compute_capability: null,
        accelerator,
      };
}

function amd(sources: DeviceSources, own: readonly AcceleratorSpec[]): DeviceFacts | null {
  if (!sources.exists('/dev/kfd')) return null;
  const count = sources.list('/dev/dri').filter((name) => name.startsWith('renderD')).length;
  if (count === 0) return null;
  const accelerator = acceleratorNamed(AMD_GPU, own);
  return { kind: 'rocm', name: AMD_GPU, count, memory_bytes: null, compute_capability: null, accelerator };
}

/** Which one is not asked. */
const AMD_GPU = 'AMD GPU';

function cpu(own: readonly AcceleratorSpec[]): DeviceFacts {
  const name = cpus()[0]?.model.trim() ?? 'CPU';
  return {
    kind: 'cpu',
    name,
    count: availableParallelism(),
    memory_bytes: totalmem(),
    compute_capability: null,
    accelerator: acceleratorNamed(name, own),
  };
}
