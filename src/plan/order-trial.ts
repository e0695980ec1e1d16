import { lowerBound, simulate, type Task, type Timed } from './schedule.ts';

/** An order of priority, and what came of it. */
export interface Tried<T extends Task> {
  readonly order: readonly T[];
  /** Seconds until all have ended; a weighed mean over the futures. */
  readonly makespan: number;
  /** The task that ends last when all takes as long as expected. */
  readonly last: T;
}

/** How long each task really takes, where that is not as expected. */
type Future = ReadonlyMap<Task, number>;

const OTHER_FUTURES = 4;
/** There each task takes up to so many times longer or shorter than expected. */
const WRONG_BY = 2;

/**
 * Beyond so many tasks the rules are close to the bound by themselves, a single wrong expectation hardly matters, and a
 * trial takes long: each is simulated once, and a task starts early only out of so many that wait before the others.
 */
export const MOST_TASKS = 200;

/**
 * Tries orders of the same tasks. What is expected is never quite what comes, and an order that fits it tightly may be
 * a bad one for everything else: so each order is simulated with the durations as expected and with some that are
 * wrong, the same ones for all orders. What is expected counts as much as everything else together.
 */
export class Trial<T extends Task> {
  /** No order has a shorter makespan. */
  readonly bound: number;
  readonly #devices: number;
  readonly #futures: readonly Future[];

  constructor(tasks: readonly T[], devices: number) {
    this.#devices = devices;
    this.#futures = futuresOf(tasks);
    const others = this.#futures.map((future) => [...future].map(([task, seconds]) => ({ ...task, seconds })));
    this.bound = weighed(
      lowerBound(tasks, devices),
      others.map((some) => lowerBound(some, devices)),
    );
  }

  /** Tries the tasks, of which there is at least one, in this order. */
  of(order: readonly T[]): Tried<T> {
    const expected = lastOf(simulate(order, this.#devices, ({ seconds }) => seconds, MOST_TASKS));
    const others = this.#futures.map((future) =>
      lastOf(simulate(order, this.#devices, (task) => future.get(task) ?? task.seconds, MOST_TASKS)),
    );
    const makespan = weighed(
      expected.end,
      others.map(({ end }) => end),
    );
    return { order, makespan, last: expected.task };
  }
}

function lastOf<T extends Task>(schedule: readonly Timed<T>[]): Timed<T> {
  return schedule.reduce((one, other) => (other.end > one.end ? other : one));
}

function futuresOf(tasks: readonly Task[]): Future[] {
  if (tasks.length > MOST_TASKS) return [];
  const below = numbers();
  const wrong = () => WRONG_BY ** (below(2001) / 1000 - 1);
  return Array.from({ length: OTHER_FUTURES }, () => new Map(tasks.map((task) => [task, task.seconds * wrong()])));
}

function weighed(expected: number, others: readonly number[]): number {
  if (others.length === 0) return expected;
  return (expected + others.reduce((sum, other) => sum + other, 0) / others.length) / 2;
}

/**
 * Whole numbers below a limit, always the same ones: the minimal standard generator (S. K. Park, K. W. Miller, Random
 * Number Generators: Good Ones Are Hard to Find, CACM 31, 1988) with its later multiplier 48271.
 */
export function numbers(): (limit: number) => number {
  let state = 1;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}
