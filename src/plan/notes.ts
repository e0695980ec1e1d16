import type { Launch } from '../schema/plan.ts';

/** What a person should know before starting; nothing here stops the run. */
export function planNotes(launches: readonly Launch[]): string[] {
  const notes: string[] = [];
  for (const launch of launches) {
    if (launch.start > 0 || launch.engine.enable_prefix_caching) continue;
    const prefixed = launch.jobs.filter((job) => job.workload.shared_len > 0);
    if (prefixed.length > 0) {
      notes.push(
        `${prefixed[0]?.run_name}: a shared prefix with prefix caching off is computed for every request; nothing is reused`,
      );
    }
  }
  if (launches.some((launch) => launch.engine.extra_args.join(' ').includes('--load-format dummy'))) {
    notes.push('--load-format dummy: random weights; speed only, and no load time');
  }
  return notes;
}
