import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Journal, TORN_FILE } from '../journal/journal.ts';
import type { Plan } from '../schema/plan.ts';
import { LAYOUT } from './layout.ts';

/** What is to know of a directory before a run goes on in it; what this plan does not speak of is kept, and left out. */
export function notesOn({ events, unreadable, tornBytes }: Journal, plan: Plan, directory: string): string[] {
  const planned = new Set(plan.launches.flatMap(({ jobs }) => jobs.map(({ id }) => id)));
  const strangers = new Set(
    events.flatMap((event) => (event.event === 'measured' && !planned.has(event.job) ? [event.job] : [])),
  );
  return [
    ...(strangers.size === 0
      ? []
      : [
          `${strangers.size} measured before that this run definition does not ask for (as it is now, on this vLLM and host): kept in records/, left out of the reports: ${named([...strangers], directory)}`,
        ]),
    ...(unreadable === 0
      ? []
      : [`${unreadable} lines of events.jsonl cannot be read by this version: what they tell is measured again`]),
    ...(tornBytes === 0
      ? []
      : [
          `the last line of events.jsonl was torn by a crash: its ${tornBytes} bytes are put aside in ${TORN_FILE}, and what it told is measured again`,
        ]),
  ];
}

const MOST_NAMES = 5;

function named(ids: readonly string[], directory: string): string {
  const names = ids.slice(0, MOST_NAMES).map((id) => runName(id, directory));
  const more = ids.length > MOST_NAMES ? ` and ${ids.length - MOST_NAMES} more` : '';
  return `${names.join(', ')}${more}`;
}

/** As its record has it; the id where there is no record that can be read. */
function runName(id: string, directory: string): string {
  try {
    const record: unknown = JSON.parse(readFileSync(join(directory, LAYOUT.records, `${id}.json`), 'utf8'));
    const name = typeof record === 'object' && record !== null && 'run_name' in record ? record.run_name : null;
    return typeof name === 'string' ? name : id;
  } catch {
    return id;
  }
}
