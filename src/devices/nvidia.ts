import { acceleratorNamed } from '../physics/accelerators.ts';
import type { DeviceFacts } from '../schema/facts.ts';
import type { AcceleratorSpec } from '../schema/hardware.ts';
import { type Asked, chosenOf, type Named, refuseTwice } from './chosen.ts';
import { isUuid, type ListedGpu, listGpus, meantBy } from './nvidia-list.ts';
import type { DeviceSources, SmiAnswer } from './sources.ts';

/**
 * The GPUs that CUDA shows to a process here, or those of them that the run definition names; null when there are none;
 * why they are not known when nvidia-smi is there and does not tell.
 */
export async function nvidiaGpus(
  sources: DeviceSources,
  own: readonly AcceleratorSpec[],
  asked: Asked = null,
): Promise<DeviceFacts | null | { readonly unknown: string; readonly isSilent: boolean }> {
  const answer = await askNvidia(sources);
  if (answer.kind === 'absent') return null;
  if (answer.kind !== 'told') return { unknown: answer.reason, isSilent: answer.kind === 'silent' };
  const gpus = parseGpuQuery(answer.text);
  const visible = sources.env['CUDA_VISIBLE_DEVICES'];
  const hasUuids = [...(visible?.split(',') ?? []), ...(asked ?? [])].some((id) => isUuid(id.trim()));
  const listed = hasUuids ? await listGpus(sources) : null;
  const there = visibleGpus(gpus, visible, listed);
  const chosen = chosenOf(there, asked, (id) => named(id, gpus, there, listed));
  if (asked !== null) refuseTwice(chosen.map(({ id }) => nameOfGpu(id, listed)));
  const [first] = chosen;
  if (first === undefined) return null;
  // A launch may get any of them, and its numbers stand under one name: a GPU of another kind is no part of the pool.
  const alike = chosen.filter(({ name }) => name === first.name);
  return {
    ids: alike.map(({ id }) => id),
    kind: 'cuda',
    name: first.name,
    count: alike.length,
    // nvidia-smi tells the memory of the whole GPU.
    memory_bytes: first.isPart ? null : first.gpu.memoryBytes,
    compute_capability: first.gpu.computeCapability,
    accelerator: acceleratorNamed(first.name, own),
  };
}

/** A driver that is too old for a field refuses the whole question: then it is asked what every driver knows. */
async function askNvidia({ nvidiaSmi }: DeviceSources): Promise<SmiAnswer> {
  const fields = 'index,name,memory.total';
  const format = '--format=csv,noheader,nounits';
  const answer = await nvidiaSmi([`--query-gpu=${fields},compute_cap,mig.mode.current`, format]);
  return answer.kind === 'failed' ? nvidiaSmi([`--query-gpu=${fields}`, format]) : answer;
}

/** A GPU, or a part of one, under the name by which CUDA is told to use it. */
interface VisibleGpu extends Named {
  readonly name: string;
  readonly isPart: boolean;
  readonly gpu: Gpu;
}

function visibleGpu(id: string, gpu: Gpu): VisibleGpu {
  const isPart = gpu.mig || id.startsWith('MIG-');
  // The name of a part of a GPU is its own: what is measured on it belongs to no whole one.
  const name = isPart && !/\bMIG\b/.test(gpu.name) ? `${gpu.name} MIG` : gpu.name;
  return { id, name, isPart, gpu };
}

/**
 * As CUDA reads it: in the order of the list, up to the first entry that is no device. UUIDs are taken at their word
 * where they cannot be looked up.
 */
function visibleGpus(gpus: readonly Gpu[], visible: string | undefined, listed: ListedGpu[] | null): VisibleGpu[] {
  if (visible === undefined) return gpus.map((gpu) => visibleGpu(String(gpu.index), gpu));
  const chosen: VisibleGpu[] = [];
  for (const entry of visible.split(',').map((part) => part.trim())) {
    const gpu = isUuid(entry) && listed === null ? gpus[chosen.length] : gpuOf(entry, gpus, listed);
    if (gpu === undefined || chosen.some(({ id }) => id === entry)) break;
    chosen.push(visibleGpu(entry, gpu));
  }
  return chosen;
}

function gpuOf(id: string, gpus: readonly Gpu[], listed: readonly ListedGpu[] | null): Gpu | undefined {
  const index = isUuid(id) ? meantBy(id, listed ?? [])?.index : /^\d+$/.test(id) ? Number(id) : undefined;
  return gpus.find((gpu) => gpu.index === index);
}

/** One of `there` by another name of it (a number for a UUID, an instance of a GPU); undefined for any other device. */
function named(
  id: string,
  gpus: readonly Gpu[],
  there: readonly VisibleGpu[],
  listed: readonly ListedGpu[] | null,
): VisibleGpu | undefined {
  const meant = meantBy(id, listed ?? []);
  const gpu = gpuOf(id, gpus, listed);
  if (meant === null || gpu === undefined) return undefined;
  const isThere = there.some((device) => {
    const other = meantBy(device.id, listed ?? []);
    if (other?.index !== meant.index) return false;
    // Who may use a GPU may use each of its instances; who may use an instance may not use the GPU.
    return other.instance === meant.instance || other.instance === null;
  });
  return isThere ? visibleGpu(id, gpu) : undefined;
}

/** One spelling for each device, so that a number and a UUID of one GPU are seen to be the same. */
function nameOfGpu(id: string, listed: readonly ListedGpu[] | null): string {
  const meant = meantBy(id, listed ?? []);
  return meant === null ? id : (meant.instance ?? `GPU ${meant.index}`);
}

/** A GPU as nvidia-smi tells of it; null for what it does not tell. */
export interface Gpu {
  readonly index: number;
  readonly name: string;
  readonly memoryBytes: number | null;
  readonly computeCapability: string | null;
  /** It is split into instances, of which a process sees one. */
  readonly mig: boolean;
}

/**
 * `0, NVIDIA B200, 183359, 10.0, Disabled` a line, or its first three fields; memory in MiB, `[N/A]` for the unknown. A
 * GPU that is lost has no name any more, and is no GPU.
 */
export function parseGpuQuery(text: string): Gpu[] {
  return text.split('\n').flatMap((line) => {
    const parts = (LONG.exec(line.trimEnd()) ?? SHORT.exec(line.trimEnd()))?.groups;
    if (parts === undefined || /^\[.*\]$/.test(parts['name'] ?? '')) return [];
    const mebibytes = Number(parts['memory']);
    const capability = parts['capability'] ?? '';
    return [
      {
        index: Number(parts['index']),
        name: parts['name'] ?? '',
        memoryBytes: Number.isFinite(mebibytes) ? mebibytes * 2 ** 20 : null,
        computeCapability: /^\d+\.\d+$/.test(capability) ? capability : null,
        mig: parts['mig'] === 'Enabled',
      },
    ];
  });
}

// A name may have commas of its own; only the long answer ends with the state of MIG.
const LONG =
  /^\s*(?<index>\d+), (?<name>.+), (?<memory>[^,]+), (?<capability>\d+\.\d+|\[[^\]]*\]), (?<mig>[A-Z][a-z]+|\[[^\]]*\])$/;
const SHORT = /^\s*(?<index>\d+), (?<name>.+), (?<memory>[^,]+)$/;
