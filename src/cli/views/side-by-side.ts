import { sharedDevices } from '../../run/shared-devices.ts';
import type { Plan } from '../../schema/plan.ts';
import { counted } from './words.ts';

/** How many launches of a plan can run at once: most, when those that take the fewest devices do. */
export function mostAtOnce({ launches, facts }: Pick<Plan, 'launches' | 'facts'>): number {
  const { pool, widthOf } = sharedDevices(facts.devices, null);
  const widths = launches.filter(({ exclusive }) => !exclusive).map(widthOf);
  let free = pool.size;
  let count = 0;
  for (const width of widths.toSorted((a, b) => a - b)) {
    if (width > free) break;
    free -= width;
    count += 1;
  }
  return Math.max(count, Math.min(1, launches.length));
}

/** The same in a line, with why it is not more; null where there is nothing to put side by side. */
export function sideBySideLine(plan: Pick<Plan, 'launches' | 'facts'>): string | null {
  const { launches, facts } = plan;
  if (launches.length < 2) return null;
  const { pool } = sharedDevices(facts.devices, null);
  const most = mostAtOnce(plan);
  if (most > 1) return `up to ${most} launches side by side on ${counted(pool.size, 'device')}`;
  if (launches.every(({ exclusive }) => exclusive)) return 'one launch at a time (exclusive)';
  if (facts.devices === null) return 'one launch at a time: the devices are not known here';
  if (pool.size > 1) return `one launch at a time: no two fit on ${counted(pool.size, 'device')}`;
  if (facts.devices.kind === 'cpu' && facts.devices.ids === undefined)
    return 'one launch at a time: each has the whole CPU host, unless devices: divides its cores';
  return 'one launch at a time on 1 device';
}
