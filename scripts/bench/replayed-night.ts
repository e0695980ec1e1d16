import { DevicePool } from '../../src/devices/pool.ts';
import { type Replayed, replayExecutor } from '../../src/executors/replay.ts';
import type { Task } from '../../src/plan/schedule.ts';
import { runSideBySide } from '../../src/run/side-by-side.ts';
import { DEVICES } from './nights.ts';

/**
 * What the run loop makes of a night, in virtual time: `expected` is what it believes each task to take, `seconds` what
 * the task of that id really takes.
 */
export async function replayedNight(
  expected: readonly Task[],
  seconds: ReadonlyMap<string, number>,
): Promise<readonly Replayed[]> {
  const executor = replayExecutor(({ attempt }) => seconds.get(attempt) ?? 0);
  const { signal } = new AbortController();
  await runSideBySide(expected, {
    pool: new DevicePool(Array.from({ length: DEVICES }, (_, index) => String(index))),
    signal,
    now: executor.now,
    giveUp: () => undefined,
    turn: async ({ id: attempt }, gpus) => {
      const command = { file: '', args: [], env: {}, directory: '' };
      await executor.wait(await executor.start({ ...command, attempt, marker: attempt, gpus }), signal);
      return null;
    },
    leaveOut: () => undefined,
  });
  return executor.replayed;
}
