import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { JournalEvent } from '../../src/journal/events.ts';
import { emptyFolder } from './folder.ts';

/** A disk with so many bytes of room: a write takes what fits, and the next one fails (write(2), "may write less"). */
let room = Number.POSITIVE_INFINITY;
let mayCut = true;
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  return {
    ...fs,
    writeSync: (file: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
      if (room === 0) throw full();
      const written = fs.writeSync(file, bytes, offset, Math.min(length, room), position);
      room -= written;
      return written;
    },
    ftruncateSync: (file: number, length: number) => {
      if (!mayCut) throw full();
      fs.ftruncateSync(file, length);
    },
  };
});
const { openJournal, readEvents } = await import('../../src/journal/journal.ts');
const { readFileSync } = await import('node:fs');

const event = (hour: number): JournalEvent => ({ event: 'run_started', at: `${hour} o'clock`, version: '0.1.0' });
beforeEach(() => {
  room = Number.POSITIVE_INFINITY;
  mayCut = true;
});

test.each([0, 1, 30])('an event that fits by %d bytes only is an error, and no half line', (left) => {
  const folder = emptyFolder();
  const journal = openJournal(folder);
  journal.append(event(1));
  const before = readFileSync(join(folder, 'events.jsonl'), 'utf8');
  room = left;
  expect(() => journal.append(event(2))).toThrow('ENOSPC');
  expect(readFileSync(join(folder, 'events.jsonl'), 'utf8')).toBe(before);
  expect(journal.events).toEqual([event(1)]);
  // Somebody has made room.
  room = Number.POSITIVE_INFINITY;
  journal.append(event(3));
  journal.close();
  expect(readEvents(folder)).toMatchObject({ events: [event(1), event(3)], unreadable: 0 });
});

test('half a line that cannot be taken away is written over by the next event', () => {
  const folder = emptyFolder();
  const journal = openJournal(folder);
  journal.append(event(1));
  room = 10;
  mayCut = false;
  expect(() => journal.append(event(2))).toThrow('ENOSPC');
  room = Number.POSITIVE_INFINITY;
  journal.append(event(3));
  journal.close();
  expect(readEvents(folder)).toMatchObject({ events: [event(1), event(3)], unreadable: 0 });
});
