import type { DeviceFacts } from '../schema/facts.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The variables that hold a launch to its devices. Launches run one after the other, so each takes the first ones that
 * the user lets us see; what the user or the run definition sets wins.
 */
export function pinning(devices: DeviceFacts | null, needed: number, env: Env): Record<string, string> {
  if (devices === null) return {};
  switch (devices.kind) {
    case 'cuda':
      return pinned('CUDA_VISIBLE_DEVICES', needed, env);
    case 'rocm':
      return pinned('HIP_VISIBLE_DEVICES', needed, env);
    case 'tpu':
      // A device is half a chip on Ironwood and a chip elsewhere; vLLM's TPU plugin takes what it needs of the host.
      return {};
    case 'cpu':
      return cores(devices.count, needed, env);
  }
}

function pinned(variable: string, needed: number, env: Env): Record<string, string> {
  const visible = env[variable]?.split(',').map((part) => part.trim());
  const names = visible ?? Array.from({ length: needed }, (_, index) => String(index));
  return { [variable]: names.slice(0, needed).join(',') };
}

/** vLLM's CPU backend binds one worker a NUMA node by itself; more workers than nodes have to be told their cores. */
function cores(count: number, needed: number, env: Env): Record<string, string> {
  if (needed === 1 || env['VLLM_CPU_OMP_THREADS_BIND'] !== undefined) return {};
  const each = Math.max(1, Math.floor(count / needed));
  const shares = Array.from({ length: needed }, (_, worker) => {
    const first = worker * each;
    return each === 1 ? String(first) : `${first}-${first + each - 1}`;
  });
  return { VLLM_CPU_OMP_THREADS_BIND: shares.join('|') };
}
