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
  const isNew = !existsSync(join(directory, FILE));
  const file = openSync(join(directory, FILE), isNew ? 'w' : 'r+');
  ftruncateSync(file, intactBytes);
  // A name that is not flushed is gone after a power cut, with all that was flushed under it.
  if (isNew) flushFolder(directory);
  let position = intactBytes;
  return {
    events,
    unreadable,
    append: (event) => {
      const line = Buffer.from(`${JSON.stringify(event)}\n`);
      try {
        // A disk that is almost full takes a part of it, without a word.
        for (let done = 0; done < line.length; )
          done += writeSync(file, line, done, line.length - done, position + done);
        // An event is a promise to a later resume: it must survive a power cut.
        fsyncSync(file);
      } catch (error) {
        cutOff(file, position);
        throw error;
      }
      position += line.length;
      events.push(event);
    },
    close: () => closeSync(file),
  };
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Half a line is no event; where even that cannot be taken away, the next to open the journal does. */
function cutOff(file: number, length: number): void {
  try {
    ftruncateSync(file, length);
  } catch {
    // The trouble that led here is told.
  }
}

function eventOf(line: string): JournalEvent | null {
  try {
    const result = JournalEvent.safeParse(JSON.parse(line));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
