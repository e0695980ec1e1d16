import type { DeviceFacts } from '../schema/facts.ts';
import type { Links } from '../schema/topology.ts';
import { deviceIds } from './ids.ts';
import { isUuid, listGpus, meantBy } from './nvidia-list.ts';
import type { DeviceSources } from './sources.ts';

export interface Topology {
  /** Null: all devices are alike. */
  readonly links: Links | null;
  /** Why the links are not known, where they matter. */
  readonly note: string | null;
}

/** How close to each other the devices are that launches share: NVLink and PCIe of NVIDIA GPUs, TPU chips. */
export async function topologyOf(devices: DeviceFacts | null, sources: DeviceSources): Promise<Topology> {
  const ids = deviceIds(devices);
  if (ids.length < 2) return { links: null, note: null };
  if (devices?.kind === 'tpu')
    return { links: { ids, ranks: ids.map((a) => ids.map((b) => chipRank(a, b))) }, note: null };
  return devices?.kind === 'cuda' ? nvidiaTopology(ids, sources) : { links: null, note: null };
}

async function nvidiaTopology(ids: readonly string[], sources: DeviceSources): Promise<Topology> {
  const answer = await sources.nvidiaSmi(['topo', '-m']);
  if (answer.kind === 'absent') return { links: null, note: null };
  if (answer.kind !== 'told') return { links: null, note: `${UNKNOWN} (${answer.reason})` };
  const table = parseTopology(answer.text);
  const listed = ids.some(isUuid) ? await listGpus(sources) : null;
  const indexes = ids.map((id) => (isUuid(id) ? meantBy(id, listed ?? [])?.index : Number(id)));
  if (table === null || indexes.some((index) => index === undefined || !table.has(index))) {
    return { links: null, note: `${UNKNOWN} (nvidia-smi topo -m cannot be read)` };
  }
  const ranks = indexes.map((a) => indexes.map((b) => table.get(a ?? -1)?.get(b ?? -1) ?? 0));
  return { links: { ids, ranks }, note: null };
}

const UNKNOWN = 'which GPUs are close to each other is not known, so launches take any';

/** How close a connection is, by its word in the legend of `nvidia-smi topo -m`; SOC and PSB are of older drivers. */
const RANKS: Readonly<Record<string, number>> = {
  ...{ SYS: 1, SOC: 1, NODE: 2, PHB: 3, PXB: 4, PSB: 4, PIX: 5 },
  // The same GPU, which two of its instances share.
  X: 1000,
};

/** NVLink is closer than any PCIe; each more of a bonded set is closer. */
function rankOf(word: string): number | null {
  const links = /^NV(?<count>\d{1,2})$/.exec(word)?.groups?.['count'];
  return links === undefined ? (RANKS[word] ?? null) : 10 + Number(links);
}

/**
 * The matrix of `nvidia-smi topo -m`: rank by the indexes of two GPUs. The columns and rows of network cards, the
 * affinities and the legend are left out. Null for text that is none.
 */
export function parseTopology(text: string): Map<number, Map<number, number>> | null {
  // The heading is underlined by an escape sequence.
  const lines = text.replaceAll(ESCAPES, '').split('\n');
  const heading = lines.findIndex((line) => /^\s+GPU\d+(?:\s|$)/.test(line));
  const columns = wordsOf(lines[heading] ?? '').map((word) => gpuIndex(word));
  const width = columns.findLastIndex((index) => index !== null) + 1;
  if (heading < 0 || width === 0) return null;
  const table = new Map<number, Map<number, number>>();
  for (const line of lines.slice(heading + 1)) {
    const [name = '', ...cells] = wordsOf(line);
    const index = gpuIndex(name);
    if (index === null) continue;
    const row = new Map<number, number>();
    for (const [at, other] of columns.slice(0, width).entries()) {
      const rank = rankOf(cells[at] ?? '');
      if (rank === null) return null;
      if (other !== null) row.set(other, rank);
    }
    table.set(index, row);
  }
  return table.size === 0 ? null : table;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
const ESCAPES = /\u001b\[[0-9;]*m/g;

function wordsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}

function gpuIndex(word: string): number | null {
  const index = /^GPU(?<index>\d+)$/.exec(word)?.groups?.['index'];
  return index === undefined ? null : Number(index);
}

/**
 * Chips that a runtime can have without the others are pairs, then fours, counted from 0 (see pinning.ts for their
 * shapes): inferred, not run.
 */
function chipRank(a: string, b: string): number {
  const block = (size: number) => Math.floor(Number(a) / size) === Math.floor(Number(b) / size);
  return block(2) ? 3 : block(4) ? 2 : 1;
}
