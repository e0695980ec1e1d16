import type { Journal } from '../journal/journal.ts';
import type { Plan } from '../schema/plan.ts';

/** What a directory holds that this plan does not speak of; it is kept, and left out of the reports. */
export function notesOn({ events, unreadable }: Journal, plan: Plan): string[] {
  const planned = new Set(plan.launches.flatMap(({ jobs }) => jobs.map(({ id }) => id)));
  const strangers = new Set(
    events.flatMap((event) => (event.event === 'measured' && !planned.has(event.job) ? [event.job] : [])),
  );
  return [
    ...(strangers.size === 0
      ? []
      : [
          `${strangers.size} measured before that this run definition does not ask for (as it is now, on this vLLM and host): kept in records/, left out of the reports`,
        ]),
    ...(unreadable === 0
      ? []
      : [`${unreadable} lines of events.jsonl cannot be read by this version: what they tell is measured again`]),
  ];
}
