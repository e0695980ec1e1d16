import { acceleratorNamed } from '../physics/accelerators.ts';
import type { DeviceFacts } from '../schema/facts.ts';
import type { AcceleratorSpec } from '../schema/hardware.ts';

export interface NvidiaSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** stdout of `nvidia-smi` with these arguments; null when there is none or it fails. */
  nvidiaSmi(args: readonly string[]): Promise<string | null>;
}

/** The GPUs that CUDA shows to a process here; null when there are none. */
export async function nvidiaGpus(sources: NvidiaSources, own: readonly AcceleratorSpec[]): Promise<DeviceFacts | null> {
  const text = await askNvidia(sources);
  if (text === null) return null;
  const gpus = visibleGpus(parseGpuQuery(text), sources.env['CUDA_VISIBLE_DEVICES']);
  const [first] = gpus;
  if (first === undefined) return null;
  const isPart = first.mig || /^\s*MIG-/.test(sources.env['CUDA_VISIBLE_DEVICES'] ?? '');
  // The name of a part of a GPU is its own: what is measured on it belongs to no whole one.
  const name = isPart && !/\bMIG\b/.test(first.name) ? `${first.name} MIG` : first.name;
  return {
    kind: 'cuda',
    name,
    count: gpus.length,
    // nvidia-smi tells the memory of the whole GPU.
    memory_bytes: isPart ? null : first.memoryBytes,
    compute_capability: first.computeCapability,
    accelerator: acceleratorNamed(name, own),
  };
}

/** A driver that is too old for a field refuses the whole question: then it is asked what every driver knows. */
async function askNvidia({ nvidiaSmi }: NvidiaSources): Promise<string | null> {
  const fields = 'index,name,memory.total';
  const format = '--format=csv,noheader,nounits';
  return (
    (await nvidiaSmi([`--query-gpu=${fields},compute_cap,mig.mode.current`, format])) ??
    (await nvidiaSmi([`--query-gpu=${fields}`, format]))
  );
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

/** A GPU as nvidia-smi tells of it; null for what it does not tell. */
export interface Gpu {
  readonly name: string;
  readonly memoryBytes: number | null;
  readonly computeCapability: string | null;
  /** It is split into instances, of which a process sees one. */
  readonly mig: boolean;
}

/** `0, NVIDIA B200, 183359, 10.0, Disabled` a line, or its first three fields; memory in MiB, `[N/A]` for the unknown. */
export function parseGpuQuery(text: string): Gpu[] {
  return text.split('\n').flatMap((line) => {
    const parts = (LONG.exec(line.trimEnd()) ?? SHORT.exec(line.trimEnd()))?.groups;
    if (parts === undefined) return [];
    const mebibytes = Number(parts['memory']);
    const capability = parts['capability'] ?? '';
    return [
      {
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
  /^\s*\d+, (?<name>.+), (?<memory>[^,]+), (?<capability>\d+\.\d+|\[[^\]]*\]), (?<mig>Enabled|Disabled|\[[^\]]*\])$/;
const SHORT = /^\s*\d+, (?<name>.+), (?<memory>[^,]+)$/;
