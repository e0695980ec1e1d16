import { topologyOf } from '../devices/nvidia-topology.ts';
import { durationsOf } from '../plan/duration.ts';
import type { RemainingLaunch } from '../plan/remaining.ts';
import type { RunContext } from './context.ts';
import { runLaunch } from './launch.ts';
import { sharedDevices } from './shared-devices.ts';
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
  const { plan, journal, sources, notify } = context;
  const { links, note } = await topologyOf(plan.facts.devices, sources);
  const { pool, widthOf, namesOf } = sharedDevices(plan.facts.devices, links);
  if (note !== null) notify({ kind: 'note', text: note });
  const secondsOf = durationsOf(plan, journal.events);
  const tasks = todo.map((remaining) => ({
    id: remaining.launch.id,
    devices: widthOf(remaining.launch),
    seconds: secondsOf(remaining),
    exclusive: remaining.launch.exclusive,
    remaining,
  }));
  const stop = new AbortController();
  let after = Promise.resolve();
  const own: RunContext = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  await runSideBySide(tasks, {
    pool,
    signal: own.signal,
    now: () => performance.now() / 1000,
    giveUp: () => stop.abort('another launch failed'),
    carryOut: async (remaining, taken) => {
      await runLaunch(remaining, namesOf(taken), own);
      after = after.then(afterEach);
      after.catch(() => stop.abort('the reports cannot be written'));
    },
  });
  await after;
}
