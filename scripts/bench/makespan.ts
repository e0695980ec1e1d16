import { quantileSorted } from 'simple-statistics';
import { orderOf } from '../../src/plan/launch-order.ts';
import { lowerBound, makespanOf, simulate, type Task } from '../../src/plan/schedule.ts';
import type { Bench } from './index.ts';
import { between, DEVICES, misjudged, night, type Random, randomFrom } from './nights.ts';
import { optimum } from './optimum.ts';
import { replayedNight } from './replayed-night.ts';

const PLANS = 1000;
const SEED = 20_260_731;
/** From so many launches on, the lower bound is close enough to what is possible to be compared with. */
const MANY = 16;

export const makespan: Bench = {
  id: 'makespan',
  question: `how long does a night on ${DEVICES} GPUs take? (${MANY} launches and more: p95 <= 1.10 x lower bound)`,
  async *run() {
    const random = randomFrom(SEED);
    const nights = Array.from({ length: PLANS }, () => night(random, between(random, 4, 64)));
    for (const [how, most] of [
      ['durations as expected', 1],
      ['durations wrong by a factor of up to 2', 2],
    ] as const) {
      const figures: Figures[] = [];
      for (const tasks of nights) figures.push(await figuresOf(tasks, most, random));
      yield* tableOf(how, figures);
    }
  },
};

/** Makespans of one night, in seconds. */
export interface Figures {
  readonly launches: number;
  readonly ours: number;
  /** Of the original: sorted by TP, each started as soon as its devices are free. */
  readonly original: number;
  /** What both are held against: the lower bound, or the proven optimum of fewer than 16 launches. */
  readonly best: number;
  readonly proven: boolean;
}

export async function figuresOf(tasks: readonly Task[], most: number, random: Random): Promise<Figures> {
  const seconds = new Map(tasks.map((task) => [task.id, task.seconds]));
  const replayed = await replayedNight(misjudged(random, tasks, most), seconds);
  const ours = Math.max(...replayed.map(({ ended }) => ended));
  // In this order nothing behind a task that does not fit would fit.
  const byTp = tasks.toSorted((a, b) => a.devices - b.devices);
  const figures = { launches: tasks.length, ours, original: makespanOf(simulate(byTp, DEVICES)) };
  const bound = lowerBound(tasks, DEVICES);
  if (tasks.length >= MANY) return { ...figures, best: bound, proven: true };
  const known = Math.min(ours, makespanOf(simulate(orderOf(tasks, DEVICES), DEVICES)));
  const found = optimum(tasks, DEVICES, known);
  return { ...figures, best: found.proven ? found.makespan : bound, proven: found.proven };
}

function* tableOf(how: string, figures: readonly Figures[]): Generator<string> {
  const many = figures.filter(({ launches }) => launches >= MANY);
  const few = figures.filter(({ launches }) => launches < MANY);
  const proven = few.filter((one) => one.proven);
  yield `${how}`;
  for (const [name, of] of [
    [`${many.length} plans of ${MANY} to 64 launches, makespan / lower bound`, many],
    [`${proven.length} plans of 4 to ${MANY - 1} launches, makespan / proven optimum`, proven],
    [
      `${few.length - proven.length} such plans without a proof, makespan / lower bound`,
      few.filter((one) => !one.proven),
    ],
  ] as const) {
    yield `  ${name}`;
    yield `    ours:              ${ratios(of.map(({ ours, best }) => ours / best))}`;
    yield `    original's order:  ${ratios(of.map(({ original, best }) => original / best))}`;
  }
}

function ratios(values: readonly number[]): string {
  if (values.length === 0) return 'none';
  const sorted = values.toSorted((a, b) => a - b);
  const [p50, p95, most] = [0.5, 0.95, 1].map((p) => quantileSorted(sorted, p).toFixed(3));
  return `p50 ${p50}  p95 ${p95}  max ${most}`;
}
