import { availableParallelism, cpus, totalmem } from 'node:os';
import { Refusal } from '../errors/refusal.ts';
import { acceleratorNamed } from '../physics/accelerators.ts';
import type { Capabilities, DeviceFacts } from '../schema/facts.ts';
import type { AcceleratorSpec } from '../schema/hardware.ts';
import { type Asked, chosenOf, refuseTwice } from './chosen.ts';
import { numbers } from './ids.ts';
import { cpuHost, parseCores, writeCores } from './numa.ts';
import { nvidiaGpus } from './nvidia.ts';
import type { DeviceSources } from './sources.ts';

/** What is looked for. */
export interface ProbeRequest {
  /** Accelerators that the user added to the table. */
  readonly own?: readonly AcceleratorSpec[];
  /** What the vLLM that will run was built for; its CPU build computes on the CPU, whatever else is there. */
  readonly platform?: Capabilities['platform'];
  /** `devices:` of the run definition: these only. */
  readonly asked?: Asked;
}

/**
 * The devices that an engine has on this host: NVIDIA GPUs, AMD GPUs, TPU chips, or the cores of its CPU.
 *
 * @throws Refusal when a device that was asked for is not there, and when the GPUs are there and cannot be asked: what
 *   is measured must be measured under the name of its device
 */
export async function probeDevices(sources: DeviceSources, request: ProbeRequest = {}): Promise<DeviceFacts> {
  const { own = [], platform = null, asked = null } = request;
  if (platform === 'cpu') return cpu(sources, own, asked);
  const nvidia = await nvidiaGpus(sources, own, asked);
  if (nvidia !== null && !('unknown' in nvidia)) return nvidia;
  if (nvidia !== null && (nvidia.isSilent || platform === 'cuda')) {
    const remedy = 'look at nvidia-smi; a GPU that is lost comes back with a reboot';
    throw new Refusal('host', `the GPUs of this host are not known: ${nvidia.unknown}`, remedy);
  }
  return tpu(sources, own, asked) ?? amd(sources, own, asked) ?? cpu(sources, own, asked);
}

/** TPU chips show as /dev/accel<n>, or as numbered groups in /dev/vfio on newer hosts. */
function tpu({ env, list }: DeviceSources, own: readonly AcceleratorSpec[], asked: Asked): DeviceFacts | null {
  const accel = list('/dev').filter((name) => /^accel\d+$/.test(name)).length;
  const isTpuHost = ['TPU_ACCELERATOR_TYPE', 'TPU_NAME', 'TPU_WORKER_ID', 'TPU_SKIP_MDS_QUERY'].some(
    (name) => env[name] !== undefined,
  );
  const vfio = isTpuHost ? list('/dev/vfio').filter((name) => /^\d+$/.test(name)).length : 0;
  const chips = accel || vfio;
  const name = env['TPU_ACCELERATOR_TYPE'] ?? 'TPU';
  const accelerator = acceleratorNamed(name, own);
  const visible = shown(chips, env['TPU_VISIBLE_CHIPS'] ?? env['TPU_VISIBLE_DEVICES']);
  if (visible.length === 0) return null;
  const ids = chosenOf(visible, asked).map(({ id }) => id);
  return {
    // Without names a launch that needs every chip is told nothing, and libtpu finds them itself.
    ...(ids.length < chips && { ids }),
    kind: 'tpu',
    name,
    // One Ironwood chip is two devices to JAX and to tensor parallelism.
    count: ids.length * (accelerator?.devices_per_chip ?? 1),
    memory_bytes: accelerator?.memory_bytes.value ?? null,
    compute_capability: null,
    accelerator,
  };
}

function amd({ env, exists, list }: DeviceSources, own: readonly AcceleratorSpec[], asked: Asked): DeviceFacts | null {
  if (!exists('/dev/kfd')) return null;
  const gpus = list('/dev/dri').filter((name) => name.startsWith('renderD')).length;
  // ROCR_VISIBLE_DEVICES hides GPUs from HIP, which numbers those that are left from 0.
  const left = env['ROCR_VISIBLE_DEVICES']?.split(',').filter((entry) => entry.trim() !== '').length ?? gpus;
  const there = shown(Math.min(gpus, left), env['HIP_VISIBLE_DEVICES'] ?? env['CUDA_VISIBLE_DEVICES']);
  if (there.length === 0) return null;
  const ids = chosenOf(there, asked).map(({ id }) => id);
  const accelerator = acceleratorNamed(AMD_GPU, own);
  return {
    ids,
    kind: 'rocm',
    name: AMD_GPU,
    count: ids.length,
    memory_bytes: null,
    compute_capability: null,
    accelerator,
  };
}

/** Which one is not asked. */
const AMD_GPU = 'AMD GPU';

/** Of so many devices, those that a variable shows: all without one, else up to the first entry that is none. */
function shown(count: number, visible: string | undefined): { readonly id: string; readonly name: string }[] {
  const all = numbers(count);
  const entries = visible?.split(',').map((entry) => entry.trim()) ?? all;
  const end = entries.findIndex((id, index) => !all.includes(id) || entries.indexOf(id) < index);
  return (end < 0 ? entries : entries.slice(0, end)).map((id) => ({ id, name: '' }));
}

/** All cores as one whole; or each list of cores that was asked for as a device of its own. */
function cpu(sources: DeviceSources, own: readonly AcceleratorSpec[], asked: Asked): DeviceFacts {
  const name = cpus()[0]?.model.trim() ?? 'CPU';
  const accelerator = acceleratorNamed(name, own);
  const common = { kind: 'cpu', name, memory_bytes: totalmem(), compute_capability: null, accelerator } as const;
  if (asked === null) return { ...common, count: availableParallelism() };
  refuseCores(asked, sources);
  return { ids: [...asked], ...common, count: asked.length };
}

/** @throws Refusal for what is no list of cores, cores that are not here, and cores that two devices have */
function refuseCores(asked: readonly string[], sources: DeviceSources): void {
  const { cores } = cpuHost(sources);
  const bound = sources.env['VLLM_CPU_OMP_THREADS_BIND'];
  if (bound !== undefined && bound !== 'auto') {
    const message = `devices: VLLM_CPU_OMP_THREADS_BIND=${bound} binds every launch to the same cores`;
    throw new Refusal('host', message, 'unset it, or leave devices out');
  }
  const lists = asked.map((id) => ({ id, list: parseCores(id) }));
  for (const { id, list } of lists) {
    const missing = list?.filter((core) => !cores.includes(core)) ?? [];
    const remedy = `this host has the cores ${writeCores(cores)}`;
    if (list === null) throw new Refusal('host', `devices: ${id} is no list of cores such as 0-15`, remedy);
    if (missing.length > 0) throw new Refusal('host', `devices: there is no core ${writeCores(missing)}`, remedy);
  }
  refuseTwice(lists.flatMap(({ list }) => list ?? []).map((core) => `core ${core}`));
}
