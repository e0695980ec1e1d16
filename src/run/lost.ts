import { type RemainingLaunch, remaining } from '../plan/remaining.ts';
import type { Plan } from '../schema/plan.ts';
import type { Ledger } from './ledger.ts';

/** What passed for done until its evidence was read (`Ledger.lost`), and is still to be made. */
export function lostLaunches(plan: Plan, ledger: Ledger): RemainingLaunch[] {
  if (ledger.lost.length === 0) return [];
  const lost = new Set(ledger.lost.map(({ job, start, repeat }) => `${job}/${start}/${repeat}`));
  return remaining(plan, ledger.done()).flatMap(({ launch, wanted }) => {
    const again = wanted.filter(({ job, repeat }) => lost.has(`${job.id}/${launch.start}/${repeat}`));
    return again.length === 0 ? [] : [{ launch, wanted: again }];
  });
}
