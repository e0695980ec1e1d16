import { topologyOf } from '../devices/nvidia-topology.ts';
import { durationsOf } from '../plan/duration.ts';
import type { RemainingLaunch } from '../plan/remaining.ts';
import { FAILURE_CLASSES } from '../schema/failure-class.ts';
import type { RunContext } from './context.ts';
import { LaunchRun } from './launch.ts';
import { ownDevices, sharedDevices } from './shared-devices.ts';
import { runSideBySide } from './side-by-side.ts';

/**
 * Carries out what is left of a plan, on the devices that there are. After each launch `afterEach` is called, one call at
 * a time; other launches need not wait for it.
 */
export async function carryOut(
  todo: readonly RemainingLaunch[],
  context: RunContext,
  afterEach: () => Promise<void>,
): Promise<void> {
  if (todo.length === 0) return;
  const { plan, journal, sources, notify } = context;
  const { links, note } = await topologyOf(plan.facts.devices, sources);
  const { pool, widthOf, namesOf } = sharedDevices(plan.facts.devices, links);
  if (note !== null) notify({ kind: 'note', text: note });
  const stop = new AbortController();
  const own: RunContext = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  const secondsOf = durationsOf(plan, journal.events);
  const tasks = todo.map((remaining) => {
    const { launch } = remaining;
    const held = ownDevices(launch, plan.facts.devices);
    return {
      ...{ id: launch.id, devices: widthOf(launch), seconds: secondsOf(remaining) },
      // Where it runs is not ours to say, so nothing may run beside it.
      exclusive: launch.exclusive || held !== null,
      held,
      run: new LaunchRun(remaining, own),
    };
  });
  let after = Promise.resolve();
  await runSideBySide(tasks, {
    pool,
    signal: own.signal,
    now: () => performance.now() / 1000,
    giveUp: () => stop.abort('another launch failed'),
    turn: async ({ run, held }, taken) => {
      const turn = await run.turn(held ?? namesOf(taken));
      if (turn === null) {
        after = after.then(afterEach);
        after.catch(() => stop.abort('the reports cannot be written'));
      }
      // Devices that a launch names itself are not those of the pool.
      return turn === null || held === null ? turn : { ...turn, resting: [], lost: [] };
    },
    leaveOut: ({ run, devices }) => {
      const { remedy } = FAILURE_CLASSES['device-busy'];
      const message = `needs ${devices} devices, and of those of this host ${pool.size} are left; ${remedy}`;
      run.leaveOut({ code: 'device-busy', message });
    },
  });
  await after;
}
