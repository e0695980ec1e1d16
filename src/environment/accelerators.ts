import { existsSync } from 'node:fs';
import { type Env, onPath } from './on-path.ts';

/** What may be asked of a host; passed in, so that a test can be any host. */
export interface AcceleratorSources {
  readonly env: Env;
  exists(path: string): boolean;
  onPath(command: string): boolean;
}

/** A sign that this host is here for its accelerators. */
export interface Accelerator {
  readonly kind: 'cuda' | 'rocm' | 'tpu';
  /** What gave it away: `/dev/nvidia0`. */
  readonly sign: string;
}

/**
 * Signs of accelerators, without asking a driver: it must answer on a host whose driver is broken, since nobody wants
 * a CPU build there either. How many there are, and which, is the business of src/devices.
 */
export function findAccelerators({ env, exists, onPath }: AcceleratorSources): Accelerator[] {
  const found: Accelerator[] = [];
  if (exists('/dev/nvidia0')) found.push({ kind: 'cuda', sign: '/dev/nvidia0' });
  else if (onPath('nvidia-smi')) found.push({ kind: 'cuda', sign: 'nvidia-smi' });
  if (exists('/dev/kfd')) found.push({ kind: 'rocm', sign: '/dev/kfd' });
  if (exists('/dev/accel0')) found.push({ kind: 'tpu', sign: '/dev/accel0' });
  else if (exists('/dev/vfio/0') && TPU_VARIABLES.some((name) => env[name] !== undefined)) {
    found.push({ kind: 'tpu', sign: '/dev/vfio/0' });
  }
  return found;
}

/** Those of this host. */
export function acceleratorsOfHost(env: Env): Accelerator[] {
  return findAccelerators({ env, exists: existsSync, onPath: (command) => onPath(command, env) !== null });
}

/** Set on TPU hosts; /dev/vfio alone is any device that is handed to a virtual machine. */
const TPU_VARIABLES = ['TPU_ACCELERATOR_TYPE', 'TPU_NAME', 'TPU_WORKER_ID', 'TPU_SKIP_MDS_QUERY', 'PJRT_DEVICE'];
