import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/errors/refusal.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { openJournal, readEvents } from '../../src/journal/journal.ts';
import type { Outcome } from '../../src/schema/outcome.ts';
import { emptyFolder } from './folder.ts';

const at = '2026-11-22T09:00:00.000Z';
const started: JournalEvent = { event: 'run_started', at, version: '0.1.0' };

/** One event of every kind, and an end of every kind: an outcome without a line here does not compile. */
const OUTCOMES: { [Kind in Outcome['kind']]: Extract<Outcome, { kind: Kind }> } = {
  exited: { kind: 'exited', exitCode: 3 },
  signalled: { kind: 'signalled', signal: 'SIGKILL' },
  'timed-out': { kind: 'timed-out', afterSeconds: 1.5 },
  stalled: { kind: 'stalled', afterSeconds: 1800 },
  cancelled: { kind: 'cancelled' },
  'not-started': { kind: 'not-started', reason: 'ENOENT' },
  lost: { kind: 'lost', reason: 'ünknown\nline "two"' },
};
const measurement = { at, attempt: '1_a', job: 'f00d', start: 0, repeat: 2 };
const EVENTS: readonly JournalEvent[] = [
  started,
  {
    event: 'attempt_started',
    at,
    attempt: '1_a',
    launch: 'x-s0',
    start: 0,
    max_model_len: 4096,
    log: 'l.log',
    handle: { pid: 7, marker: 'm' },
    devices: ['0', '1'],
    foreign: null,
  },
  { event: 'attempt_runs', at, attempt: '1_a', handle: { pid: 7, marker: 'm' } },
  { event: 'engine_ready', at, attempt: '1_a', seconds: 19.4 },
  {
    event: 'measured',
    ...measurement,
    evidence: 'attempts/1_a/f00d.r2.json',
    outcome: null,
    lines: [1, 9],
    beside: [],
  },
  {
    event: 'measurement_failed',
    ...measurement,
    class: 'device-memory',
    reason: 'no memory',
    lines: null,
  },
  ...Object.values(OUTCOMES).map(
    (outcome): JournalEvent => ({
      event: 'attempt_ended',
      at,
      attempt: '1_a',
      outcome,
      reason: null,
      left_behind: ['7 sleep'],
    }),
  ),
  { event: 'run_ended', at, interrupted_by: 'SIGINT' },
];

function written(folder: string, events: readonly JournalEvent[]): string {
  const journal = openJournal(folder);
  for (const event of events) journal.append(event);
  journal.close();
  return join(folder, 'events.jsonl');
}

describe('what is appended is read back', () => {
  test('every kind of event, in order', () => {
    const folder = emptyFolder();
    written(folder, EVENTS);
    expect(readEvents(folder).events).toEqual(EVENTS);
  });

  test('by the journal itself, before and after it is opened again', () => {
    const folder = emptyFolder();
    written(folder, EVENTS.slice(0, 3));
    const journal = openJournal(folder);
    expect(journal.events).toEqual(EVENTS.slice(0, 3));
    journal.append(started);
    expect(journal.events).toEqual([...EVENTS.slice(0, 3), started]);
    journal.close();
    expect(readEvents(folder).events).toEqual([...EVENTS.slice(0, 3), started]);
  });

  test('one line an event, and old lines are never touched', () => {
    const folder = emptyFolder();
    const path = written(folder, EVENTS.slice(0, 2));
    const before = readFileSync(path, 'utf8');
    written(folder, EVENTS.slice(2));
    const after = readFileSync(path, 'utf8');
    expect(after.startsWith(before)).toBe(true);
    expect(after.trimEnd().split('\n')).toHaveLength(EVENTS.length);
  });

  test('at once: another reader sees it while the journal is open', () => {
    const folder = emptyFolder();
    const journal = openJournal(folder);
    journal.append(started);
    expect(readEvents(folder).events).toEqual([started]);
    journal.close();
  });
});

describe('a folder without a journal', () => {
  test('has no events, and looking does not make one', () => {
    const folder = emptyFolder();
    expect(readEvents(folder)).toEqual({ events: [], intactBytes: 0, unreadable: 0 });
    expect(existsSync(join(folder, 'events.jsonl'))).toBe(false);
  });
});

describe('a journal that a crash tore', () => {
  test('at any byte keeps every whole line before it, and goes on with whole lines', () => {
    const whole = readFileSync(written(emptyFolder(), EVENTS));
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), (length) => {
        const folder = emptyFolder();
        writeFileSync(join(folder, 'events.jsonl'), whole.subarray(0, length));
        const lines = whole.subarray(0, length).toString().split('\n').length - 1;
        const journal = openJournal(folder);
        expect(journal.events).toEqual(EVENTS.slice(0, lines));
        journal.append(started);
        journal.close();
        expect(readEvents(folder).events).toEqual([...EVENTS.slice(0, lines), started]);
      }),
      { numRuns: 150 },
    );
  });

  test('has its torn end put aside, that of every crash', () => {
    const folder = emptyFolder();
    const path = written(folder, [started]);
    const before = readFileSync(path, 'utf8');
    for (const torn of ['{"event":"measured","at":"2026', Buffer.from([0, 0xff, 0xc3])]) {
      appendFileSync(path, torn);
      const journal = openJournal(folder);
      journal.close();
      expect(journal.tornBytes).toBe(torn.length);
      expect(readFileSync(path, 'utf8')).toBe(before);
    }
    const aside = readFileSync(join(folder, 'events.torn'));
    expect(aside).toEqual(
      Buffer.concat([Buffer.from('{"event":"measured","at":"2026\n'), Buffer.from([0, 0xff, 0xc3, 0x0a])]),
    );
  });

  test('and one that none tore leaves nothing aside', () => {
    const folder = emptyFolder();
    written(folder, [started]);
    const journal = openJournal(folder);
    journal.close();
    expect(journal.tornBytes).toBe(0);
    expect(existsSync(join(folder, 'events.torn'))).toBe(false);
  });
});

describe('a journal that two have open, since one was suspended and taken for dead', () => {
  test('is refused to the one who wakes up, and what the other wrote stays', () => {
    const folder = emptyFolder();
    const asleep = openJournal(folder);
    asleep.append(started);
    const other = openJournal(folder);
    other.append(EVENTS[2] ?? started);
    const before = readFileSync(join(folder, 'events.jsonl'), 'utf8');
    expect(() => asleep.append(started)).toThrow(Refusal);
    expect(() => asleep.append(started)).toThrow(`another run writes into ${folder}`);
    expect(readFileSync(join(folder, 'events.jsonl'), 'utf8')).toBe(before);
    other.append(started);
    expect(readEvents(folder).events).toEqual([started, EVENTS[2], started]);
    asleep.close();
    other.close();
  });
});

describe('a line that is no event of ours', () => {
  test.each([
    'garbage',
    '',
    '{}',
    '[]',
    'null',
    '{"event":"from_the_future","at":"x"}',
    '{"event":"run_started"}',
    '\u0000',
  ])('%j is passed over, and stays in the file', (line) => {
    const folder = emptyFolder();
    const path = written(folder, [started]);
    appendFileSync(path, `${line}\n`);
    written(folder, [EVENTS[2] ?? started]);
    expect(readEvents(folder).events).toEqual([started, EVENTS[2]]);
    expect(readFileSync(path, 'utf8')).toContain(`\n${line}\n`);
  });

  test('bytes that are no text neither', () => {
    const folder = emptyFolder();
    const path = written(folder, [started]);
    appendFileSync(path, Buffer.from([0xff, 0xfe, 0x0a]));
    written(folder, [started]);
    expect(readEvents(folder).events).toEqual([started, started]);
  });
});
