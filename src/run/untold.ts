import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent } from '../journal/events.ts';
import { attemptDirectory, LAYOUT } from './layout.ts';

/** Measurement files that the journal does not tell of: it was lost, or the orchestrator was killed just then. */
export function untold(directory: string, events: readonly JournalEvent[]): { job: string; attempt: string }[] {
  const told = new Set(
    events.flatMap((event) =>
      event.event === 'measured' || event.event === 'measurement_failed'
        ? [`${event.attempt}/${event.job}.r${event.repeat}`]
        : [],
    ),
  );
  return namesIn(join(directory, LAYOUT.attempts)).flatMap((attempt) =>
    namesIn(attemptDirectory(directory, attempt)).flatMap((name) => {
      const { key = '', job = '' } = /^(?<key>(?<job>.+)\.r\d+)(?:\.output)?\.json$/.exec(name)?.groups ?? {};
      return job === '' || told.has(`${attempt}/${key}`) ? [] : [{ job, attempt }];
    }),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
