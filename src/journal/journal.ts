import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { JournalEvent } from './events.ts';

/** events.jsonl of an output directory, open for adding. */
export interface Journal {
  readonly events: readonly JournalEvent[];
  /** Whole lines that are no event of this version: what they tell is not known here. */
  readonly unreadable: number;
  append(event: JournalEvent): void;
  close(): void;
}

const FILE = 'events.jsonl';

/** Reads what has happened so far; a torn last line (a crash while it was written) does not count. */
export function readEvents(directory: string): { events: JournalEvent[]; intactBytes: number; unreadable: number } {
  const path = join(directory, FILE);
  if (!existsSync(path)) return { events: [], intactBytes: 0, unreadable: 0 };
  const bytes = readFileSync(path);
  const intactBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes
    .subarray(0, intactBytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const events = lines.flatMap((line) => eventOf(line) ?? []);
  return { events, intactBytes, unreadable: lines.length - events.length };
}

/** Opens the journal for adding; a torn end is cut off first, so that the next line stands on its own. */
export function openJournal(directory: string): Journal {
  const { events, intactBytes, unreadable } = readEvents(directory);
  const file = openSync(join(directory, FILE), existsSync(join(directory, FILE)) ? 'r+' : 'w');
  ftruncateSync(file, intactBytes);
  let position = intactBytes;
  return {
    events,
    unreadable,
    append: (event) => {
      position += writeSync(file, `${JSON.stringify(event)}\n`, position);
      // An event is a promise to a later resume: it must survive a power cut.
      fsyncSync(file);
      events.push(event);
    },
    close: () => closeSync(file),
  };
}

function eventOf(line: string): JournalEvent | null {
  try {
    const result = JournalEvent.safeParse(JSON.parse(line));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
