import type { DevicePool } from '../devices/pool.ts';
import { orderOf } from '../plan/launch-order.ts';
import type { RemainingLaunch } from '../plan/remaining.ts';
import { nextToStart, type RunningTask, type Task } from '../plan/schedule.ts';

/** A launch that waits for its devices. */
export interface LaunchTask extends Task {
  readonly remaining: RemainingLaunch;
}

export interface SideBySide {
  readonly pool: DevicePool;
  readonly signal: AbortSignal;
  /** Seconds of a clock that only goes forward. */
  now(): number;
  /** Called when a launch throws: what still runs is to end soon. */
  giveUp(): void;
  /** Carries one launch out on these devices; ends when they are free again. */
  carryOut(remaining: RemainingLaunch, devices: readonly string[]): Promise<void>;
}

/**
 * Carries launches out, several at once where the devices allow it, in the order that is expected to end first. When one
 * throws, no other is started; those that run are ended and waited for, and the first error is thrown.
 */
export async function runSideBySide(tasks: readonly LaunchTask[], run: SideBySide): Promise<void> {
  const { pool, signal, now } = run;
  let waiting: readonly LaunchTask[] = orderOf(tasks, pool.size);
  const running = new Map<RunningTask, Promise<void>>();
  const errors: unknown[] = [];
  const start = (task: LaunchTask): void => {
    const devices = pool.take(task.devices);
    if (devices === null) throw new Error(`${task.devices} devices were to be free, and ${pool.free} are`);
    const own: RunningTask = { task, since: now() };
    const end = run
      .carryOut(task.remaining, devices)
      .catch((error: unknown) => {
        errors.push(error);
        run.giveUp();
      })
      .finally(() => {
        pool.giveBack(devices);
        running.delete(own);
      });
    running.set(own, end);
  };
  for (;;) {
    const starting =
      signal.aborted || errors.length > 0 ? [] : nextToStart(waiting, [...running.keys()], pool.size, now());
    waiting = waiting.filter((task) => !starting.includes(task));
    for (const task of starting) start(task);
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (errors.length > 0) throw errors[0];
}
