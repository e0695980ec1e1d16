import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuHost, parseCores, shares, writeCores } from '../../src/devices/numa.ts';
import { DEVICE_SOURCES } from '../../src/devices/sources.ts';
import { hostSources } from './host.ts';

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('a list of cores', () => {
  test.each([
    ['0', [0]],
    ['0-3', [0, 1, 2, 3]],
    ['0-1,8,10-11\n', [0, 1, 8, 10, 11]],
    [' 5, 2-4 ', [5, 2, 3, 4]],
  ])('%j', (text, cores) => {
    expect(parseCores(text)).toEqual(cores);
  });

  test.each(['', 'all', '3-1', '0,0', '0-3,2', '-1', '0-1600000000', '0-99999', '0x1', '1.5', 'GPU-1'])(
    '%j is none',
    (text) => {
      expect(parseCores(text)).toBeNull();
    },
  );

  test('is read as it is written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 300 }), { minLength: 1 }), (cores) => {
        expect(parseCores(writeCores(cores))).toEqual(cores.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('the cores of a host', () => {
  const STATUS = '/proc/self/status';
  const node = (index: number, cores: string) => ({ [`/sys/devices/system/node/node${index}/cpulist`]: `${cores}\n` });
  // As the kernel writes it; a two-socket host numbers its second threads after all first ones.
  const TWO_SOCKETS = { ...node(0, '0-3,8-11'), ...node(1, '4-7,12-15'), ...node(10, '') };

  test('are those that a process may use, by node', () => {
    const files = { ...TWO_SOCKETS, [STATUS]: 'Name:\tnode\nCpus_allowed_list:\t2-5,8\nMems_allowed_list:\t0-1\n' };
    expect(cpuHost(hostSources({ files }))).toEqual({
      cores: [2, 3, 4, 5, 8],
      nodes: [
        [2, 3, 8],
        [4, 5],
      ],
    });
  });

  test('are one node where none is told, or not of all', () => {
    const status = { [STATUS]: 'Cpus_allowed_list:\t0-3\n' };
    expect(cpuHost(hostSources({ files: status }))).toEqual({ cores: [0, 1, 2, 3], nodes: [[0, 1, 2, 3]] });
    const files = { ...status, ...node(0, '0-1') };
    expect(cpuHost(hostSources({ files })).nodes).toEqual([[0, 1, 2, 3]]);
  });

  test('are those that are online where the affinity is not told', () => {
    const files = { '/sys/devices/system/cpu/online': '0-7\n' };
    expect(cpuHost(hostSources({ files })).cores).toEqual(range(0, 7));
    expect(cpuHost(hostSources({}))).toEqual({ cores: [], nodes: [[]] });
  });

  test('of this one are found', () => {
    const { cores, nodes } = cpuHost(DEVICE_SOURCES);
    expect(cores.length).toBeGreaterThan(0);
    expect(nodes.flat().toSorted((a, b) => a - b)).toEqual(cores);
  });
});

describe('shares of the cores', () => {
  const host = (...nodes: number[][]) => ({ cores: nodes.flat(), nodes });

  test.each([
    { what: 'one a node', of: host(range(0, 3), range(4, 7)), count: 2, expected: ['0-3', '4-7'] },
    { what: 'two a node', of: host([0, 1, 4, 5], [2, 3, 6, 7]), count: 4, expected: ['0-1', '4-5', '2-3', '6-7'] },
    { what: 'nodes of unlike size', of: host(range(0, 4), range(5, 7)), count: 2, expected: ['0-2', '5-7'] },
    { what: 'more nodes than shares', of: host([0], [1], [2], [3]), count: 2, expected: ['0-1', '2-3'] },
    { what: 'what does not come out even', of: host(range(0, 8)), count: 4, expected: ['0-1', '2-3', '4-5', '6-7'] },
  ])('$what', ({ of, count, expected }) => {
    expect(shares(of, count)?.map(writeCores)).toEqual(expected);
  });

  test('there are none for more than there are cores', () => {
    expect(shares(host([0, 1]), 3)).toBeNull();
    expect(shares(host([]), 1)).toBeNull();
  });

  test('are equal, and no core is in two', () => {
    const nodes = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(nodes, fc.integer({ min: 1, max: 16 }), (sizes, count) => {
        // Node n has the cores from 100 n.
        const of = host(...sizes.map((size, node) => range(100 * node, 100 * node + size - 1)));
        const all = shares(of, count);
        if (all === null) {
          expect(of.cores.length).toBeLessThan(count);
          return;
        }
        expect(new Set(all.map(({ length }) => length)).size).toBe(1);
        expect(all).toHaveLength(count);
        expect(new Set(all.flat()).size).toBe(all.flat().length);
        expect(of.cores).toEqual(expect.arrayContaining(all.flat()));
      }),
    );
  });
});
