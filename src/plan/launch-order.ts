import { MOST_TASKS, numbers, Trial, type Tried } from './order-trial.ts';
import { type Task, widthOf } from './schedule.ts';

/**
 * The tasks in the order of priority that ends first, of those that are tried: as they are given, the longest first,
 * the widest first, the most device seconds first, and what a bounded local search makes of the best of these. A rule
 * must beat those before it: a host that carries one launch at a time keeps the order of the plan. The same tasks always
 * come in the same order.
 */
export function orderOf<T extends Task>(tasks: readonly T[], devices: number): T[] {
  // One after the other, whatever the order.
  if (tasks.every((task) => widthOf(task, devices) === devices)) return [...tasks];
  const trial = new Trial(tasks, devices);
  const best = rulesFor(devices)
    .map((rule) => trial.of(tasks.toSorted(rule)))
    .reduce((one, other) => (other.makespan < one.makespan * (1 - ROUNDING) ? other : one));
  return [...improved(best, trial).order];
}

type Rule = (a: Task, b: Task) => number;

/** Sorting is stable: equals stay in the order in which they are given. */
function rulesFor(devices: number): Rule[] {
  const width = (task: Task) => widthOf(task, devices);
  const longest: Rule = (a, b) => b.seconds - a.seconds;
  const widest: Rule = (a, b) => width(b) - width(a);
  const largest: Rule = (a, b) => width(b) * b.seconds - width(a) * a.seconds;
  return [() => 0, longest, (a, b) => widest(a, b) || longest(a, b), largest];
}

/** Sums of the same durations in another order differ by no more. */
const ROUNDING = 1e-9;
/** An order is good enough when no other can be shorter by more than a thousandth. */
const GOOD_ENOUGH = 1.001;
/** Orders that the search tries, and tasks that it places in all of them: about a tenth of a second. */
const TRIES_PER_TASK = 30;
const MOST_PLACED = 6_000;
/** Moves one task at a time to another place, and keeps what makes no longer schedule. */
function improved<T extends Task>(start: Tried<T>, trial: Trial<T>): Tried<T> {
  const { length } = start.order;
  const tries = length > MOST_TASKS ? 0 : Math.min(TRIES_PER_TASK * length, MOST_PLACED / length);
  const below = numbers();
  let best = start;
  for (let i = 0; i < tries && best.makespan > trial.bound * GOOD_ENOUGH; i += 1) {
    // The task that ends the schedule goes to an earlier place, and then any to any.
    const from = i % 2 === 0 ? best.order.indexOf(best.last) : below(length);
    const candidate = trial.of(moved(best.order, from, below(i % 2 === 0 ? from + 1 : length)));
    if (candidate.makespan <= best.makespan) best = candidate;
  }
  return best;
}

function moved<T>(order: readonly T[], from: number, to: number): T[] {
  const others = order.toSpliced(from, 1);
  return others.toSpliced(to, 0, ...order.slice(from, from + 1));
}
