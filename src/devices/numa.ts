import type { DeviceSources } from './sources.ts';

/** Cores of this host that a process started here may use. */
export interface CpuHost {
  readonly cores: readonly number[];
  /** The same by NUMA node; nodes without such a core are left out. One node where the host does not tell. */
  readonly nodes: readonly (readonly number[])[];
}

const NODES = '/sys/devices/system/node';

/** From /proc/self/status (affinity, which children inherit) and /sys/devices/system/node. */
export function cpuHost({ list, read }: Pick<DeviceSources, 'list' | 'read'>): CpuHost {
  // Cpus_allowed_list:	0-15
  const status = /^Cpus_allowed_list:\s*(?<cores>.*)$/m.exec(read('/proc/self/status') ?? '')?.groups?.['cores'];
  const cores = parseCores(status ?? '') ?? parseCores(read('/sys/devices/system/cpu/online') ?? '') ?? [];
  const nodes = list(NODES)
    .filter((name) => /^node\d+$/.test(name))
    .toSorted((a, b) => Number(a.slice('node'.length)) - Number(b.slice('node'.length)))
    .map((name) => parseCores(read(`${NODES}/${name}/cpulist`) ?? '') ?? [])
    .map((node) => node.filter((core) => cores.includes(core)))
    .filter((node) => node.length > 0);
  const placed = new Set(nodes.flat());
  return { cores, nodes: nodes.length > 0 && cores.every((core) => placed.has(core)) ? nodes : [cores] };
}

/** More than any machine has; a typing slip such as 0-1600000000 is no list of a billion. */
const MOST_CORES = 8192;

/** `0-3,8` as the kernel and vLLM write it -> 0, 1, 2, 3, 8; null for anything else, and where a core stands twice. */
export function parseCores(text: string): number[] | null {
  const cores: number[] = [];
  for (const part of text.trim().split(',')) {
    const range = /^(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?$/.exec(part.trim())?.groups;
    if (range === undefined) return null;
    const first = Number(range['first']);
    const last = Number(range['last'] ?? first);
    if (last < first || last >= MOST_CORES) return null;
    for (let core = first; core <= last; core += 1) cores.push(core);
  }
  return new Set(cores).size === cores.length ? cores : null;
}

/** 0, 1, 2, 3, 8 -> `0-3,8`. */
export function writeCores(cores: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const core of cores.toSorted((a, b) => a - b)) {
    const open = ranges.at(-1);
    if (open !== undefined && core === open.last + 1) open.last = core;
    else ranges.push({ first: core, last: core });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/**
 * The cores in `count` equal shares, none of which lies in two NUMA nodes where that is possible; what does not come
 * out even is left over. Null for more shares than cores.
 */
export function shares({ nodes }: CpuHost, count: number): number[][] | null {
  const perNode = count / nodes.length;
  const isEven = Number.isInteger(perNode) && nodes.every(({ length }) => length >= perNode);
  const pools = isEven ? nodes : [nodes.flat()];
  const each = count / pools.length;
  const size = Math.min(...pools.map(({ length }) => Math.floor(length / each)));
  if (size < 1) return null;
  return pools.flatMap((pool) =>
    Array.from({ length: each }, (_, share) => pool.slice(share * size, (share + 1) * size)),
  );
}
