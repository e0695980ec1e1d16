import type { Links } from '../schema/topology.ts';

/**
 * The devices of a host, each of which at most one launch has. With `links`, a launch gets devices that are close to
 * each other; without, all are alike and the first free ones are given.
 */
export class DevicePool {
  readonly #ids: readonly string[];
  readonly #free: Set<number>;
  readonly #lost = new Set<number>();
  readonly #rank: (a: number, b: number) => number;

  /** @throws RangeError when a name stands twice */
  constructor(ids: readonly string[], links: Links | null = null) {
    if (new Set(ids).size < ids.length) throw new RangeError(`a device stands twice in ${ids.join(', ')}`);
    this.#ids = ids;
    this.#free = new Set(ids.keys());
    const told = ids.map((id) => links?.ids.indexOf(id) ?? -1);
    this.#rank = (a, b) => links?.ranks[told[a] ?? -1]?.[told[b] ?? -1] ?? 0;
  }

  /** Devices that there are, free or taken. */
  get size(): number {
    return this.#ids.length - this.#lost.size;
  }

  /** Devices that no launch has. */
  get free(): number {
    return this.#free.size;
  }

  /**
   * Names of `count` free devices, in the order of the host; null when there are not so many. Of all sets the one whose
   * worst pair is the closest, since the slowest link holds up all of a collective operation; then the one with the
   * closest pairs in total; then the one that leaves the closest pairs to those who come later, so that a pair comes
   * out of a group that is broken already; then the first.
   */
  take(count: number): string[] | null {
    if (count > this.#free.size) return null;
    const free = [...this.#free].toSorted((a, b) => a - b);
    const best = setsOf(free, count, this.#rank)
      .map((set) => ({ set, fit: this.#fit(set, free) }))
      .reduce((one, other) => (isBetter(other.fit, one.fit) ? other : one)).set;
    for (const device of best) this.#free.delete(device);
    return best.map((device) => this.#ids[device] ?? '');
  }

  /**
   * Takes devices that are taken out of the pool for good: they are broken, or somebody else's.
   *
   * @throws RangeError when a name is not taken
   */
  lose(names: readonly string[]): void {
    for (const name of names) this.#lost.add(this.#taken(name));
  }

  /** @throws RangeError when a name is not taken */
  giveBack(names: readonly string[]): void {
    for (const name of names) this.#free.add(this.#taken(name));
  }

  #taken(name: string): number {
    const device = this.#ids.indexOf(name);
    if (device < 0 || this.#free.has(device) || this.#lost.has(device))
      throw new RangeError(`device ${name} is not taken`);
    return device;
  }

  #fit(set: readonly number[], free: readonly number[]): Fit {
    const inside = pairsOf(set).map(([a, b]) => this.#rank(a, b));
    const left = pairsOf(free.filter((device) => !set.includes(device))).map(([a, b]) => this.#rank(a, b));
    return [Math.min(Number.POSITIVE_INFINITY, ...inside), sum(inside), sum(left)];
  }
}

/** Closeness of the worst pair, of all pairs, and of the pairs that are left. */
type Fit = readonly [number, number, number];

function isBetter(a: Fit, b: Fit): boolean {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing >= 0 && (a[differing] ?? 0) > (b[differing] ?? 0);
}

/** All sets of 8 out of 16: what a host of today can ask for. */
const MOST_SETS = 12_870;

/** The sets to choose from, each in ascending order: all, or where these are too many, one grown from each device. */
function setsOf(free: readonly number[], count: number, rank: (a: number, b: number) => number): number[][] {
  if (choices(free.length, count) <= MOST_SETS) return subsets(free, count);
  return free.map((first) => {
    const set = [first];
    while (set.length < count) {
      const worst = (device: number) => Math.min(...set.map((member) => rank(device, member)));
      const others = free.filter((device) => !set.includes(device));
      set.push(others.reduce((one, other) => (worst(other) > worst(one) ? other : one)));
    }
    return set.toSorted((a, b) => a - b);
  });
}

/** In lexicographic order. */
function subsets(items: readonly number[], count: number): number[][] {
  if (count === 0) return [[]];
  return items.flatMap((first, index) => subsets(items.slice(index + 1), count - 1).map((rest) => [first, ...rest]));
}

/** Binomial coefficient. */
function choices(n: number, k: number): number {
  return Array.from({ length: k }).reduce((product: number, _, i) => (product * (n - i)) / (i + 1), 1);
}

function pairsOf(set: readonly number[]): [number, number][] {
  return set.flatMap((a, index) => set.slice(index + 1).map((b): [number, number] => [a, b]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
