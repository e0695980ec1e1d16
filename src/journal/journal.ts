import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../errors/refusal.ts';
import { JournalEvent } from './events.ts';

/** events.jsonl of an output directory, open for adding. */
export interface Journal {
  readonly events: readonly JournalEvent[];
  /** Whole lines that are no event of this version: what they tell is not known here. */
  readonly unreadable: number;
  /** Bytes of a torn last line that were put aside when it was opened. */
  readonly tornBytes: number;
  /** Throws a Refusal when somebody else has written into it: the lock of this run was taken over while it slept. */
  append(event: JournalEvent): void;
  close(): void;
}

const FILE = 'events.jsonl';
/** Half lines that crashes have left at its end, one a line. */
export const TORN_FILE = 'events.torn';

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

/** Opens the journal for adding; a torn end is put aside first, so that the next line stands on its own. */
export function openJournal(directory: string): Journal {
  const { events, intactBytes, unreadable } = readEvents(directory);
  const isNew = !existsSync(join(directory, FILE));
  const file = openSync(join(directory, FILE), isNew ? 'w' : 'r+');
  const tornBytes = fstatSync(file).size - intactBytes;
  if (tornBytes > 0) putAside(directory, bytesAt(file, intactBytes, tornBytes));
  ftruncateSync(file, intactBytes);
  // A name that is not flushed is gone after a power cut, with all that was flushed under it.
  if (isNew) flushFolder(directory);
  let position = intactBytes;
  /** Bytes of the file: more than whole lines only where half a line could not be taken away. */
  let size = intactBytes;
  return {
    events,
    unreadable,
    tornBytes,
    append: (event) => {
      if (fstatSync(file).size !== size) throw refusalOfTwo(directory);
      const line = Buffer.from(`${JSON.stringify(event)}\n`);
      try {
        // A disk that is almost full takes a part of it, without a word.
        for (let done = 0; done < line.length; )
          done += writeSync(file, line, done, line.length - done, position + done);
        // An event is a promise to a later resume: it must survive a power cut.
        fsyncSync(file);
      } catch (error) {
        size = cutOff(file, position);
        throw error;
      }
      position += line.length;
      size = Math.max(size, position);
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

/** Half a line is no event; where even that cannot be taken away, the next to open the journal does. Gives its size. */
function cutOff(file: number, length: number): number {
  try {
    ftruncateSync(file, length);
  } catch {
    // The trouble that led here is told.
  }
  return fstatSync(file).size;
}

/** On the disk before it is taken out of the journal. */
function putAside(directory: string, torn: Uint8Array): void {
  const path = join(directory, TORN_FILE);
  const isNew = !existsSync(path);
  appendFileSync(path, Buffer.concat([torn, Buffer.from('\n')]), { flush: true });
  if (isNew) flushFolder(directory);
}

function bytesAt(file: number, position: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

function refusalOfTwo(directory: string): Refusal {
  return new Refusal(
    'host',
    `another run writes into ${directory}: it took this one for dead, which gave no sign of life for minutes`,
    'leave it to the other one (orchestrate status shows it); the same command goes on when that has ended',
  );
}

function eventOf(line: string): JournalEvent | null {
  try {
    const result = JournalEvent.safeParse(JSON.parse(line));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
