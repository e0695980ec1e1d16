import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTopology, topologyOf } from '../../src/devices/nvidia-topology.ts';
import { DevicePool } from '../../src/devices/pool.ts';
import type { DeviceFacts } from '../../src/schema/facts.ts';
import type { Links } from '../../src/schema/topology.ts';
import { FAILED, facts, hostSources, printed, SILENT } from './host.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, index) => String(index));

async function linksOf(name: string, ids: readonly string[], list = printed('list')): Promise<Links> {
  const sources = hostSources({ smi: { topo: printed(name), '-L': list } });
  const { links, note } = await topologyOf(facts('cuda', ids.length, ids), sources);
  expect(note).toBeNull();
  return links ?? expect.fail('no links');
}

/** Rank of a pair by the names of its devices. */
function rank({ ids, ranks }: Links, a: string, b: string): number {
  return ranks[ids.indexOf(a)]?.[ids.indexOf(b)] ?? expect.fail(`no rank of ${a} and ${b}`);
}

describe('the matrix of nvidia-smi topo -m', () => {
  test('behind an NVSwitch: all are alike, and network cards are no devices', async () => {
    const links = await linksOf('topo-nvswitch', numbered(8));
    expect(links.ids).toEqual(numbered(8));
    const pairs = links.ranks.flatMap((row, a) => row.filter((_, b) => a !== b));
    expect(pairs).toHaveLength(56);
    expect(new Set(pairs).size).toBe(1);
  });

  test('NVLink before the same socket, that before the other one', async () => {
    const links = await linksOf('topo-bridged-pairs', numbered(8));
    for (const [a, b] of [
      ['0', '1'],
      ['6', '7'],
    ] as const)
      expect(rank(links, a, b)).toBeGreaterThan(rank(links, '0', '2'));
    expect(rank(links, '0', '2')).toBeGreaterThan(rank(links, '0', '4'));
    expect(rank(links, '2', '3')).toBe(rank(links, '0', '1'));
  });

  // PIX, PXB, PHB, NODE in the order of the legend: from a single bridge to the interconnect of host bridges.
  test('each word of PCIe has its place', async () => {
    const links = await linksOf('topo-pcie', numbered(4));
    const [pix, pxb, phb, node] = [
      rank(links, '0', '1'),
      rank(links, '0', '2'),
      rank(links, '1', '3'),
      rank(links, '0', '3'),
    ];
    expect([pix, pxb, phb, node]).toEqual([pix, pxb, phb, node].toSorted((a, b) => b - a));
    expect(new Set([pix, pxb, phb, node]).size).toBe(4);
  });

  test('words of older drivers', async () => {
    const links = await linksOf('topo-old-driver', numbered(4));
    expect(rank(links, '0', '1')).toBeGreaterThan(rank(links, '0', '2'));
    expect(rank(links, '0', '3')).toBe(rank(links, '0', '2'));
  });

  test('more NVLinks are closer', () => {
    const matrix = (word: string) => `\tGPU0\tGPU1\nGPU0\t X \t${word}\nGPU1\t${word}\t X \n`;
    const of = (word: string) => parseTopology(matrix(word))?.get(0)?.get(1) ?? expect.fail(word);
    expect(of('NV18')).toBeGreaterThan(of('NV4'));
    expect(of('NV1')).toBeGreaterThan(of('PIX'));
  });

  test('of the devices in use only, by their names', async () => {
    expect((await linksOf('topo-bridged-pairs', ['5', '4', '1'])).ids).toEqual(['5', '4', '1']);
    const [zero = '', one = '', two = ''] = [...printed('list').matchAll(/UUID: (GPU-[^)]+)/g)].map(
      (match) => match[1],
    );
    const links = await linksOf('topo-bridged-pairs', [two, zero, one.slice(0, 12)]);
    expect(rank(links, zero, one.slice(0, 12))).toBeGreaterThan(rank(links, zero, two));
  });

  test('two instances of a GPU are closer than any two GPUs', async () => {
    const [a = '', b = ''] = [...printed('list-mig').matchAll(/UUID: (MIG-[^)]+)/g)].map((match) => match[1]);
    const links = await linksOf('topo-nvswitch', [a, b, '1'], printed('list-mig'));
    expect(rank(links, a, b)).toBeGreaterThan(rank(links, a, '1'));
  });

  test('is symmetric', async () => {
    for (const name of ['topo-nvswitch', 'topo-bridged-pairs']) {
      const { ranks } = await linksOf(name, numbered(8));
      for (const [a, row] of ranks.entries()) for (const [b, value] of row.entries()) expect(value).toBe(ranks[b]?.[a]);
    }
  });

  test('gives a pair to TP 2 and a socket to TP 4', async () => {
    const pool = new DevicePool(numbered(8), await linksOf('topo-bridged-pairs', numbered(8)));
    expect(pool.take(1)).toHaveLength(1);
    const pair = pool.take(2)?.map(Number) ?? [];
    expect(Math.floor((pair[0] ?? 0) / 2)).toBe(Math.floor((pair[1] ?? 9) / 2));
    const four = pool.take(4)?.map(Number) ?? [];
    expect(new Set(four.map((gpu) => Math.floor(gpu / 4))).size).toBe(1);
  });
});

describe('links that are not known', () => {
  const note = async (devices: DeviceFacts | null, topo: string | typeof SILENT) =>
    topologyOf(devices, hostSources({ smi: { topo, '-L': printed('list') } }));
  const two = facts('cuda', 2, ['0', '1']);

  test.each([
    ['a text that is no matrix', 'No devices were found\n'],
    ['an unknown word', '\tGPU0\tGPU1\nGPU0\t X \tWIFI\nGPU1\tWIFI\t X \n'],
    ['a matrix that is torn', '\tGPU0\tGPU1\nGPU0\t X \n'],
    ['a matrix without one of the devices', '\tGPU0\nGPU0\t X \n'],
    ['a hanging nvidia-smi', SILENT],
    ['a failing nvidia-smi', FAILED],
  ])('%s: all are alike, with a note', async (_, topo) => {
    expect(await note(two, topo)).toEqual({ links: null, note: expect.stringContaining('launches take any') });
  });

  test('without nvidia-smi, and where there is nothing to choose, there is nothing to say', async () => {
    expect(await topologyOf(two, hostSources({}))).toEqual({ links: null, note: null });
    for (const devices of [facts('cuda', 1, ['0']), facts('rocm', 4, numbered(4)), facts('cpu', 8), null])
      expect(await note(devices, 'nothing is asked')).toEqual({ links: null, note: null });
  });

  test('any text is no exception', () => {
    const line = fc
      .array(fc.constantFrom('GPU0', 'GPU1', ' X ', 'NV4', 'SYS', 'NIC0', '0-47', ''))
      .map((all) => all.join('\t'));
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
        for (const row of parseTopology(lines.join('\n'))?.values() ?? [])
          for (const value of row.values()) expect(value).toBeGreaterThan(0);
      }),
    );
  });
});

test('TPU chips go in pairs, then in fours', async () => {
  const { links } = await topologyOf(facts('tpu', 8, numbered(8)), hostSources({}));
  const pool = new DevicePool(numbered(8), links);
  expect(pool.take(1)).toHaveLength(1);
  const pair = pool.take(2)?.map(Number) ?? [];
  expect((pair[0] ?? 1) % 2).toBe(0);
  expect(pair[1]).toBe((pair[0] ?? 0) + 1);
  const four = pool.take(4)?.map(Number) ?? [];
  expect(new Set(four.map((chip) => Math.floor(chip / 4))).size).toBe(1);
});
