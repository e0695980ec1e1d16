import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DevicePool } from '../../src/devices/pool.ts';
import type { Links } from '../../src/schema/topology.ts';

const EIGHT = ['0', '1', '2', '3', '4', '5', '6', '7'];

function linked(ids: readonly string[], rank: (a: number, b: number) => number): Links {
  return { ids, ranks: ids.map((_, a) => ids.map((_, b) => (a === b ? 0 : rank(a, b)))) };
}

/** 0 to 3 and 4 to 7 are close, the others far. */
const ISLANDS = linked(EIGHT, (a, b) => (a >> 2 === b >> 2 ? 4 : 1));
/** Within an island, 0 and 1, 2 and 3, ... are closer still. */
const PAIRS = linked(EIGHT, (a, b) => (a >> 1 === b >> 1 ? 6 : a >> 2 === b >> 2 ? 4 : 1));

const islandsOf = (names: readonly string[] | null) => [...new Set((names ?? []).map((name) => Number(name) >> 2))];

describe('a pool of devices', () => {
  const orders = fc.array(fc.record({ count: fc.integer({ min: 1, max: 8 }), giveBack: fc.boolean() }), {
    maxLength: 20,
  });
  const links = fc.constantFrom(null, ISLANDS, PAIRS);

  test('gives no device twice, and as many as were asked for, or none', () => {
    fc.assert(
      fc.property(orders, links, (some, topology) => {
        const pool = new DevicePool(EIGHT, topology);
        const held: string[][] = [];
        for (const { count, giveBack } of some) {
          if (giveBack) pool.giveBack(held.shift() ?? []);
          const free = pool.free;
          const taken = pool.take(count);
          expect(taken?.length ?? null).toBe(count <= free ? count : null);
          if (taken !== null) held.push(taken);
          expect(new Set(held.flat()).size).toBe(held.flat().length);
          expect(pool.free).toBe(pool.size - held.flat().length);
        }
      }),
    );
  });

  test('is as new when all is given back', () => {
    fc.assert(
      fc.property(orders, links, fc.integer({ min: 1, max: 8 }), (some, topology, count) => {
        const pool = new DevicePool(EIGHT, topology);
        const held = some.map((one) => pool.take(one.count) ?? []);
        for (const names of held.toReversed()) pool.giveBack(names);
        expect(pool.free).toBe(8);
        expect(pool.take(count)).toEqual(new DevicePool(EIGHT, topology).take(count));
      }),
    );
  });

  test('takes back only what it gave', () => {
    const pool = new DevicePool(['a', 'b']);
    expect(pool.take(1)).toEqual(['a']);
    expect(() => pool.giveBack(['b'])).toThrow(RangeError);
    expect(() => pool.giveBack(['c'])).toThrow(RangeError);
    pool.giveBack(['a']);
    expect(() => pool.giveBack(['a'])).toThrow(RangeError);
    expect(() => new DevicePool(['a', 'a'])).toThrow(RangeError);
  });

  test('without a topology gives the first ones', () => {
    const pool = new DevicePool(EIGHT);
    expect([pool.take(2), pool.take(1), pool.take(4), pool.take(2)]).toEqual([
      ['0', '1'],
      ['2'],
      ['3', '4', '5', '6'],
      null,
    ]);
  });
});

describe('devices that are close', () => {
  test('a launch of four lies in one island', () => {
    fc.assert(
      fc.property(fc.subarray(EIGHT.slice(0, 4)), (busy) => {
        const pool = new DevicePool(EIGHT, ISLANDS);
        pool.take(8);
        pool.giveBack(EIGHT.filter((id) => !busy.includes(id)));
        // Some of the first island may be busy, none of the second is.
        expect(islandsOf(pool.take(4))).toHaveLength(1);
      }),
    );
  });

  test('small launches break one island before they break the other', () => {
    const pool = new DevicePool(EIGHT, ISLANDS);
    const small = [pool.take(1), pool.take(2), pool.take(1)];
    expect(islandsOf(small.flatMap((names) => names ?? []))).toHaveLength(1);
    expect(islandsOf(pool.take(4))).toHaveLength(1);
  });

  test('one does not come out of a whole pair when there is a broken one', () => {
    const pool = new DevicePool(EIGHT, PAIRS);
    expect(pool.take(1)).toEqual(['0']);
    // 1 has lost its pair: it goes first.
    expect(pool.take(1)).toEqual(['1']);
    expect(pool.take(2)).toEqual(['2', '3']);
    const other = new DevicePool(EIGHT, PAIRS);
    other.take(8);
    other.giveBack(EIGHT.filter((id) => id !== '5'));
    expect(other.take(1)).toEqual(['4']);
    expect(other.take(1)).toEqual(['6']);
    expect(other.take(4)).toEqual(['0', '1', '2', '3']);
  });

  test('of equally bad worst links the sum of all counts', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const close = ['de', 'ef'];
    const rank = (one: number, other: number) => (close.includes([ids[one], ids[other]].toSorted().join('')) ? 9 : 1);
    expect(new DevicePool(ids, linked(ids, rank)).take(3)).toEqual(['d', 'e', 'f']);
  });

  test('the worst link counts before the sum of all', () => {
    // a-b-c: 9 and 9, but a and c are far (1): sum 19. d-e-f: 5 each: sum 15.
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const ranks: Readonly<Record<string, number>> = { ab: 9, bc: 9, ac: 1, de: 5, ef: 5, df: 5 };
    const rank = (one: number, other: number) => ranks[[ids[one], ids[other]].toSorted().join('')] ?? 0;
    expect(new DevicePool(ids, linked(ids, rank)).take(3)).toEqual(['d', 'e', 'f']);
    expect(new DevicePool(ids, linked(ids, rank)).take(2)).toEqual(['a', 'b']);
  });

  test('the topology may name more devices, in another order', () => {
    // 7 and 5 are of one island, 2 of the other.
    expect(new DevicePool(['7', '2', '5'], ISLANDS).take(2)).toEqual(['7', '5']);
    expect(new DevicePool(['x', '2', '3'], ISLANDS).take(2)).toEqual(['2', '3']);
  });

  test('a host of 64 in islands of 8 still finds one, and soon', () => {
    const ids = Array.from({ length: 64 }, (_, index) => String(index));
    const pool = new DevicePool(
      ids,
      linked(ids, (a, b) => (a % 8 === b % 8 ? 4 : 1)),
    );
    const before = process.cpuUsage();
    const eights = Array.from({ length: 8 }, () => pool.take(8) ?? []);
    expect(process.cpuUsage(before).user).toBeLessThan(1e6);
    for (const names of eights) expect(new Set(names.map((name) => Number(name) % 8)).size).toBe(1);
  });
});
