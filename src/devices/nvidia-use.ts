import type { DeviceFacts } from '../schema/facts.ts';
import { isUuid, listGpus, meantBy } from './nvidia-list.ts';
import type { DeviceSources } from './sources.ts';

/** A program that computes on a GPU. */
export interface GpuProgram {
  /** Null where nvidia-smi may not say. */
  readonly pid: number | null;
  readonly name: string;
  readonly bytes: number | null;
}

/** What goes on on a GPU that a launch is, or will be, held to. */
export interface GpuUse {
  /** Name by which an engine is held to it. */
  readonly id: string;
  readonly usedBytes: number | null;
  readonly programs: readonly GpuProgram[];
}

/** `unknown`: nvidia-smi is there and does not tell, with the reason. */
export type UseAnswer = { readonly uses: readonly GpuUse[] } | { readonly unknown: string };

/**
 * Memory and programs of these GPUs. None of devices that are no NVIDIA GPUs, on a host without nvidia-smi, and of
 * instances (MIG), whose programs nvidia-smi does not tell from those of their neighbours.
 */
export async function gpuUse(
  devices: DeviceFacts | null,
  ids: readonly string[],
  sources: DeviceSources,
): Promise<UseAnswer> {
  const whole = ids.filter((id) => !id.startsWith('MIG-'));
  if (devices?.kind !== 'cuda' || whole.length === 0) return { uses: [] };
  const memory = await sources.nvidiaSmi(['--query-gpu=index,uuid,memory.used', FORMAT]);
  if (memory.kind === 'absent') return { uses: [] };
  if (memory.kind !== 'told') return { unknown: memory.reason };
  const apps = await sources.nvidiaSmi(['--query-compute-apps=gpu_uuid,pid,process_name,used_memory', FORMAT]);
  if (apps.kind === 'silent') return { unknown: apps.reason };
  const gpus = parseMemory(memory.text);
  const programs = apps.kind === 'told' ? parsePrograms(apps.text) : [];
  const listed = whole.some(isUuid) ? ((await listGpus(sources)) ?? []) : [];
  return {
    uses: whole.flatMap((id) => {
      const index = isUuid(id) ? meantBy(id, listed)?.index : Number(id);
      const gpu = gpus.find((one) => one.index === index);
      if (gpu === undefined) return [];
      const own = programs.filter(({ uuid }) => uuid === gpu.uuid).map(({ uuid: _, ...program }) => program);
      return [{ id, usedBytes: gpu.usedBytes, programs: own }];
    }),
  };
}

const FORMAT = '--format=csv,noheader,nounits';

/** `0, GPU-6b3f..., 4521` a line: index, UUID, MiB; null for `[N/A]`, `[GPU is lost]` and their like. */
export function parseMemory(text: string): { index: number; uuid: string; usedBytes: number | null }[] {
  return text.split('\n').flatMap((line) => {
    const parts = /^\s*(?<index>\d+), (?<uuid>[^,]+), (?<used>[^,]+?)\s*$/.exec(line)?.groups;
    if (parts === undefined) return [];
    return [{ index: Number(parts['index']), uuid: parts['uuid'] ?? '', usedBytes: bytesOf(parts['used']) }];
  });
}

/**
 * `GPU-6b3f..., 4242, /usr/bin/python3, 71234` a line: UUID, process, its name (which may have commas), MiB.
 * `No running processes found` is no program.
 */
export function parsePrograms(text: string): (GpuProgram & { uuid: string })[] {
  return text.split('\n').flatMap((line) => {
    const parts = /^\s*(?<uuid>GPU-[^,]+), (?<pid>\d+|\[[^\]]*\]), (?<name>.*), (?<used>[^,]+?)\s*$/.exec(line)?.groups;
    if (parts === undefined) return [];
    const pid = Number(parts['pid']);
    return [
      {
        uuid: parts['uuid'] ?? '',
        pid: Number.isInteger(pid) ? pid : null,
        name: parts['name'] ?? '',
        bytes: bytesOf(parts['used']),
      },
    ];
  });
}

function bytesOf(mebibytes: string | undefined): number | null {
  return mebibytes !== undefined && /^\d+$/.test(mebibytes) ? Number(mebibytes) * 2 ** 20 : null;
}

/** `python3 (process 4242) with 70.1 GiB`. */
export function describeProgram({ pid, name, bytes }: GpuProgram): string {
  const base = name.split('/').at(-1) ?? name;
  const what = /^\[.*\]$/.test(base) || base === '' ? 'a program' : base;
  return `${what}${pid === null ? '' : ` (process ${pid})`}${bytes === null ? '' : ` with ${gib(bytes)}`}`;
}

/** `GPU 3`; a UUID says itself what it is of. */
export function gpuLabel(id: string): string {
  return /^\d+$/.test(id) ? `GPU ${id}` : id;
}

export function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
