import { lowerBound, type Task, widthOf } from '../../src/plan/schedule.ts';

/** The shortest makespan that there is, or the best that was found, and whether it is proven to be the shortest. */
export interface Optimum {
  readonly makespan: number;
  readonly proven: boolean;
}

/** After so many branches the search gives up the proof. */
const MOST_NODES = 300_000;

/**
 * The shortest makespan of tasks on devices that are all alike, by branch and bound.
 *
 * Tasks are added in the order of their starts, each as early as the devices allow: every schedule in which no task can
 * be moved forward by itself is made by some order, and one of these is the shortest. What a partial schedule leaves is
 * told by the times at which each device is free; one that is nowhere earlier than another of the same tasks is cut.
 * Tasks that take all devices stand first: what is before and after such a task can be pushed together.
 *
 * @param known a makespan that some schedule has; the search looks for shorter ones only
 */
export function optimum(tasks: readonly Task[], devices: number, known: number): Optimum {
  const alone = tasks.filter((task) => widthOf(task, devices) === devices);
  const rest = tasks.filter((task) => widthOf(task, devices) < devices);
  const before = alone.reduce((sum, { seconds }) => sum + seconds, 0);
  const search = new Search(rest, devices, known - before);
  search.branch(
    (2 ** rest.length - 1) >>> 0,
    Array.from({ length: devices }, () => 0),
  );
  return { makespan: before + search.best, proven: search.nodes <= MOST_NODES };
}

/** Times at which the devices are free, in ascending order. */
type FreeAt = readonly number[];

class Search {
  best: number;
  nodes = 0;
  readonly #tasks: readonly Task[];
  readonly #enough: number;
  /** Set of tasks that are left, as bits -> partial schedules that leave them. */
  readonly #seen = new Map<number, FreeAt[]>();

  constructor(tasks: readonly Task[], devices: number, known: number) {
    // The most work first: good schedules are found early, and what is left then is small.
    this.#tasks = tasks.toSorted((a, b) => b.devices * b.seconds - a.devices * a.seconds);
    this.#enough = lowerBound(tasks, devices) * (1 + 1e-9);
    this.best = known;
  }

  branch(left: number, freeAt: FreeAt): void {
    this.nodes += 1;
    if (this.nodes > MOST_NODES || this.best <= this.#enough) return;
    const last = freeAt.at(-1) ?? 0;
    if (left === 0) {
      this.best = Math.min(this.best, last);
      return;
    }
    const open = this.#tasks.filter((_, index) => left & (1 << index));
    if (Math.max(last, boundOf(open, freeAt)) >= this.best * (1 - 1e-9)) return;
    const seen = this.#seen.get(left) ?? [];
    if (seen.some((other) => other.every((at, device) => at <= (freeAt[device] ?? 0)))) return;
    this.#seen.set(left, [...seen, freeAt]);
    for (const [index, task] of this.#tasks.entries()) {
      if (left & (1 << index)) this.branch(left & ~(1 << index), after(task, freeAt));
    }
  }
}

/** The task takes the devices that are free first; later starts are no earlier, so the others idle until then too. */
function after({ devices, seconds }: Task, freeAt: FreeAt): FreeAt {
  const start = freeAt[devices - 1] ?? 0;
  return freeAt
    .map((at, device) => (device < devices ? start + seconds : Math.max(at, start)))
    .toSorted((a, b) => a - b);
}

/** No way to end is earlier: of all work, and of each task by itself. */
function boundOf(open: readonly Task[], freeAt: FreeAt): number {
  const work = open.reduce((sum, { devices, seconds }) => sum + devices * seconds, 0);
  const all = (freeAt.reduce((sum, at) => sum + at, 0) + work) / freeAt.length;
  return open.reduce((most, { devices, seconds }) => Math.max(most, (freeAt[devices - 1] ?? 0) + seconds), all);
}
