import type { DeviceFacts } from '../schema/facts.ts';
import { deviceIds } from './ids.ts';
import { type CpuHost, shares, writeCores } from './numa.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A launch, and what it was given. */
export interface Pinned {
  readonly devices: DeviceFacts | null;
  /** Names of the devices that it was given; none where it has the host alone. */
  readonly ids: readonly string[];
  /** TP x PP. */
  readonly workers: number;
  /** Environment that it starts from, with that of the run definition. */
  readonly env: Env;
  /** `env` of the run definition alone: what it holds to devices itself is left as it is. */
  readonly own: Env;
  /** Cores of this host; without them, they are taken to be numbered from 0. */
  readonly cpu?: CpuHost;
}

/** The variables that hold a launch to its devices. */
export function pinning(pinned: Pinned): Record<string, string> {
  const { devices, ids, own } = pinned;
  if (devices === null || heldBy(own, devices.kind) !== null) return {};
  switch (devices.kind) {
    case 'cuda':
      return cuda(pinned);
    case 'rocm':
      return {
        HIP_VISIBLE_DEVICES: ids.join(','),
        ...(hasBoth(pinned.env) && { CUDA_VISIBLE_DEVICES: ids.join(',') }),
      };
    case 'tpu':
      return devices.ids === undefined && ids.length === deviceIds(devices).length ? {} : tpu(ids);
    case 'cpu':
      return cores(devices, pinned);
  }
}

/** Devices that a launch of this kind is held to by its own `env`; null where that is left to us. */
export function heldBy(own: Env, kind: DeviceFacts['kind']): readonly string[] | null {
  const said = HOLDING[kind].map((name) => own[name]).find((value) => value !== undefined);
  return said === undefined ? null : said.split(kind === 'cpu' ? '|' : ',').map((id) => id.trim());
}

/** With one of these in its own `env`, a run holds its launches to devices itself. */
const HOLDING: Readonly<Record<DeviceFacts['kind'], readonly string[]>> = {
  cuda: ['CUDA_VISIBLE_DEVICES'],
  rocm: ['HIP_VISIBLE_DEVICES', 'CUDA_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES'],
  tpu: ['TPU_VISIBLE_CHIPS', 'TPU_VISIBLE_DEVICES'],
  cpu: ['VLLM_CPU_OMP_THREADS_BIND'],
};

/**
 * Our numbers are those of nvidia-smi. CUDA's own put the fastest GPU first unless told otherwise; vLLM warns of it on
 * hosts with GPUs of several kinds.
 */
function cuda({ ids, env }: Pinned): Record<string, string> {
  const hasNumbers = ids.some((id) => /^\d+$/.test(id));
  return {
    CUDA_VISIBLE_DEVICES: ids.join(','),
    ...(hasNumbers && env['CUDA_DEVICE_ORDER'] === undefined && { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }),
  };
}

/** vLLM for ROCm does not start when the two variables say different things. */
function hasBoth(env: Env): boolean {
  return env['CUDA_VISIBLE_DEVICES'] !== undefined;
}

/**
 * What vLLM's TPU plugin sets for an engine that shares a host (tpu-inference, TPUWorker._setup_dp_chip_isolation):
 * inferred, not run. A launch that has all chips gets none of it: libtpu finds them, and their shape, itself.
 */
function tpu(chips: readonly string[]): Record<string, string> {
  // One port for each runtime on a host; 8476 is libtpu's own.
  const port = 8476 + Number(chips[0] ?? 0);
  return {
    TPU_VISIBLE_CHIPS: chips.join(','),
    TPU_CHIPS_PER_PROCESS_BOUNDS: SHAPES[chips.length] ?? `1,${chips.length},1`,
    TPU_PROCESS_BOUNDS: '1,1,1',
    TPU_PROCESS_PORT: String(port),
    TPU_PROCESS_ADDRESSES: `localhost:${port}`,
    CLOUD_TPU_TASK_ID: '0',
  };
}

/** How chips lie on a host: 1, 1 x 2, 2 x 2 and 2 x 4 (jax issue 8809, for a part of a host). */
const SHAPES: Readonly<Record<number, string>> = { 1: '1,1,1', 2: '1,2,1', 4: '2,2,1', 8: '2,4,1' };

/**
 * One share a worker. On a whole host vLLM's CPU backend binds a single worker by itself, and one a NUMA node; more of
 * them have to be told their cores.
 */
function cores(devices: DeviceFacts, { ids, workers, env, cpu }: Pinned): Record<string, string> {
  const bound = env['VLLM_CPU_OMP_THREADS_BIND'];
  if (bound !== undefined && (bound !== 'auto' || ids.length === 0)) return {};
  if (ids.length > 0) return { VLLM_CPU_OMP_THREADS_BIND: ids.join('|') };
  if (workers === 1) return {};
  const all = Array.from({ length: devices.count }, (_, core) => core);
  const each = shares(cpu ?? { cores: all, nodes: [all] }, workers);
  return each === null ? {} : { VLLM_CPU_OMP_THREADS_BIND: each.map(writeCores).join('|') };
}
