import type { DeviceSources } from './sources.ts';

/** A GPU as `nvidia-smi -L` lists it. */
export interface ListedGpu {
  readonly index: number;
  readonly uuid: string;
  /** UUIDs of the instances that it is split into. */
  readonly instances: readonly string[];
}

/** The UUIDs of this host's GPUs; null when nvidia-smi does not tell. */
export async function listGpus({ nvidiaSmi }: Pick<DeviceSources, 'nvidiaSmi'>): Promise<ListedGpu[] | null> {
  const answer = await nvidiaSmi(['-L']);
  return answer.kind === 'told' ? parseGpuList(answer.text) : null;
}

/**
 * The lines of `nvidia-smi -L`; anything else is left out.
 *
 *     GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-0a6b4c1e-5d1f-4b7e-9c3a-0f1e2d3c4b00)
 *       MIG 2g.20gb     Device  0: (UUID: MIG-0c1d2e3f-0a1b-5c2d-8e3f-a0b1c2d3e4f5)
 */
export function parseGpuList(text: string): ListedGpu[] {
  const gpus: { index: number; uuid: string; instances: string[] }[] = [];
  for (const line of text.split('\n')) {
    const gpu = /^GPU (?<index>\d+): .*\(UUID: (?<uuid>GPU-[^)]+)\)\s*$/.exec(line)?.groups;
    if (gpu !== undefined) gpus.push({ index: Number(gpu['index']), uuid: gpu['uuid'] ?? '', instances: [] });
    const instance = /^\s+MIG .*\(UUID: (?<uuid>MIG-[^)]+)\)\s*$/.exec(line)?.groups;
    if (instance !== undefined) gpus.at(-1)?.instances.push(instance['uuid'] ?? '');
  }
  return gpus;
}

/** True for what CUDA_VISIBLE_DEVICES may hold beside numbers. */
export function isUuid(id: string): boolean {
  return /^(?:GPU|MIG)-/.test(id);
}

/** What an entry of CUDA_VISIBLE_DEVICES means: a GPU, or an instance of one. */
export interface Meant {
  readonly index: number;
  readonly instance: string | null;
}

/** Null for what is not listed. CUDA takes the beginning of a UUID too, as long as only one has it. */
export function meantBy(id: string, gpus: readonly ListedGpu[]): Meant | null {
  if (/^\d+$/.test(id)) {
    const index = Number(id);
    return gpus.some((gpu) => gpu.index === index) ? { index, instance: null } : null;
  }
  if (!isUuid(id)) return null;
  const found = gpus.flatMap(({ index, uuid, instances }): Meant[] => [
    ...(uuid.startsWith(id) ? [{ index, instance: null }] : []),
    ...instances.filter((instance) => instance.startsWith(id)).map((instance) => ({ index, instance })),
  ]);
  return found.length === 1 ? (found[0] ?? null) : null;
}
