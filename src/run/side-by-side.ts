import { setTimeout as sleep } from 'node:timers/promises';
import type { DevicePool } from '../devices/pool.ts';
import { orderOf } from '../plan/launch-order.ts';
import { nextToStart, type RunningTask, type Task } from '../plan/schedule.ts';

/** What a launch wants after a turn on its devices; null when it is over. */
export type Turn = {
  /** Another turn, not before so many seconds. */
  readonly afterSeconds: number;
  /** Devices of this turn that nobody can use until then. */
  readonly resting: readonly string[];
  /** Devices of this turn that nobody can use any more. */
  readonly lost: readonly string[];
} | null;

export interface SideBySide<T extends Task> {
  readonly pool: DevicePool;
  readonly signal: AbortSignal;
  /** Seconds of a clock that only goes forward. */
  now(): number;
  /** Called when a turn throws: what still runs is to end soon. */
  giveUp(): void;
  /** Carries a launch out on these devices, for a while or to its end. */
  turn(task: T, devices: readonly string[]): Promise<Turn>;
  /** So many devices are lost that the rest do not suffice for this launch. */
  leaveOut(task: T): void;
}

/**
 * Carries launches out, several at once where the devices allow it, in the order that is expected to end first. A launch
 * that pauses holds no devices meanwhile. When one throws, no other is started; those that run are ended and waited for,
 * and the first error is thrown.
 */
export async function runSideBySide<T extends Task>(tasks: readonly T[], run: SideBySide<T>): Promise<void> {
  const { pool, signal, now } = run;
  const order = orderOf(tasks, pool.size);
  const place = new Map(order.map((task, index) => [task, index]));
  let waiting: readonly T[] = order;
  /** What holds devices: launches, and devices that rest. */
  const holding = new Map<RunningTask, Promise<void>>();
  const pausing = new Map<T, Promise<void>>();
  const turns = new Set<RunningTask>();
  const errors: unknown[] = [];
  // Nobody waits for a device or a launch that rests when no other turn will come.
  const over = new AbortController();
  const rest = (seconds: number) => sleep(seconds * 1000, undefined, { signal: over.signal }).catch(() => undefined);

  const hold = (task: Task, devices: readonly string[], until: Promise<unknown>): RunningTask => {
    const own: RunningTask = { task, since: now() };
    const end = until.then(() => {
      pool.giveBack(devices);
      holding.delete(own);
    });
    holding.set(own, end);
    return own;
  };
  const after = (task: T, devices: readonly string[], turn: Turn): void => {
    const { afterSeconds = 0, resting = [], lost = [] } = turn ?? {};
    pool.lose(lost);
    const tired = resting.filter((id) => !lost.includes(id));
    pool.giveBack(devices.filter((id) => !lost.includes(id) && !tired.includes(id)));
    if (tired.length > 0) {
      const break_: Task = {
        id: `${tired.join(', ')} at rest`,
        devices: tired.length,
        seconds: afterSeconds,
        exclusive: false,
      };
      hold(break_, tired, rest(afterSeconds));
    }
    if (turn === null) return;
    const back = rest(afterSeconds).then(() => {
      pausing.delete(task);
      waiting = [...waiting, task].toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
    });
    pausing.set(task, back);
  };
  const start = (task: T): void => {
    const devices = pool.take(task.devices);
    if (devices === null) throw new Error(`${task.devices} devices were to be free, and ${pool.free} are`);
    const own: RunningTask = { task, since: now() };
    const end = run
      .turn(task, devices)
      .catch((error: unknown): Turn => {
        errors.push(error);
        run.giveUp();
        return null;
      })
      .then((turn) => {
        holding.delete(own);
        turns.delete(own);
        after(task, devices, turn);
      });
    holding.set(own, end);
    turns.add(own);
  };

  const stopped = aborted(signal, over.signal);
  for (;;) {
    const isOver = signal.aborted || errors.length > 0;
    for (const task of isOver ? [] : waiting.filter(({ devices }) => devices > pool.size)) {
      waiting = waiting.filter((other) => other !== task);
      run.leaveOut(task);
    }
    const starting = isOver ? [] : nextToStart(waiting, [...holding.keys()], pool.size, now());
    waiting = waiting.filter((task) => !starting.includes(task));
    for (const task of starting) start(task);
    const goesOn = !isOver && (waiting.length > 0 || pausing.size > 0);
    if (turns.size === 0 && !goesOn) break;
    await Promise.race([...holding.values(), ...pausing.values(), ...(isOver ? [] : [stopped])]);
  }
  over.abort();
  if (errors.length > 0) throw errors[0];
}

/** Resolves when the user wants to stop, also when nothing but pauses is under way. */
function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over });
  });
}
