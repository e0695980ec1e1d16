import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../../src/errors/refusal.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, journalOf, point, recordOf, survivors } from './runs.ts';

test('two runs in one directory at once: the second is refused, and the first loses nothing', async () => {
  const directory = emptyFolder();
  let second: Promise<unknown> | null = null;
  // Hangs for 3 s and is ended: long enough for the second to come and look.
  const first = await carryOut([point('measures', 8), point('hangs', 16, { timeout_minutes: 0.05 })], {
    directory,
    notify: ({ kind }) => {
      if (kind !== 'measurement-began') return;
      second ??= carryOut([point('measures-2', 16)], { directory }).catch((error) => error);
    },
  });
  const refusal = await second;
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ exitCode: 5, message: expect.stringContaining(`process ${process.pid}`) });
  expect(recordOf(first, 'measures')).toMatchObject({ state: 'valid', reasons: [] });
});

test('a run in a directory where a run has ended is not refused', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures')], { directory });
  expect((await carryOut([point('measures')], { directory })).left).toBe(0);
});

test('what another run definition measured there is kept, and said', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures', 8), point('measures-2', 16)], { directory });
  const { notices } = await carryOut([point('measures', 8)], { directory });
  expect(notices).toContainEqual({
    kind: 'note',
    text: expect.stringMatching(
      /^1 measured before .* kept in records\/, left out of the reports: measures-2_TP-1_\S+$/,
    ),
  });
});

test('of many that another run definition measured there, five are named; without a record by their id', async () => {
  const directory = emptyFolder();
  const others = [16, 24, 32, 40, 48, 56, 64].map((length, index) => point(`measures-${index}`, length));
  await carryOut([point('measures', 8), ...others], { directory });
  const records = readdirSync(join(directory, 'records')).map((name) => name.replace('.json', ''));
  const notes = async () =>
    (await carryOut([point('measures', 8)], { directory })).notices.flatMap((notice) =>
      notice.kind === 'note' ? [notice.text] : [],
    );
  expect(await notes()).toContainEqual(
    expect.stringMatching(/reports: (?:measures-\d_TP-1_ISL-\d+_OSL-4, ){4}measures-\d_TP-1_ISL-\d+_OSL-4 and 2 more$/),
  );
  rmSync(join(directory, 'records'), { recursive: true });
  const [ids = ''] = (await notes()).flatMap(
    (text) => /reports: (?<ids>.*) and 2 more$/.exec(text)?.groups?.['ids'] ?? [],
  );
  expect(ids.split(', ')).toHaveLength(5);
  for (const id of ids.split(', ')) expect(records).toContain(id);
});

test('a torn end of the journal is put aside, and said', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures')], { directory });
  appendFileSync(join(directory, 'events.jsonl'), '{"event":"meas');
  const { notices } = await carryOut([point('measures')], { directory });
  expect(notices).toContainEqual({
    kind: 'note',
    text: expect.stringMatching(/^the last line of events\.jsonl was torn .* 14 bytes .* events\.torn/),
  });
  expect(readFileSync(join(directory, 'events.torn'), 'utf8')).toBe('{"event":"meas\n');
});

test('an attempt never gets the name of an earlier one, whose folder is gone', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures', 8)], { directory });
  rmSync(join(directory, 'attempts'), { recursive: true });
  await carryOut([point('measures', 8)], { directory });
  const names = journalOf(directory).flatMap((event) => (event.event === 'attempt_started' ? [event.attempt] : []));
  expect(names.map((name) => Number.parseInt(name, 10))).toEqual([1, 2]);
});

test('a run that was taken for dead and wakes up leaves the directory to the other', async () => {
  const directory = emptyFolder();
  const asleep = carryOut([point('measures', 8), point('measures-2', 16)], {
    directory,
    notify: ({ kind }) => {
      // What another orchestrator does that breaks its lock.
      if (kind === 'measurement-began') appendFileSync(join(directory, 'events.jsonl'), OTHER);
    },
  });
  await expect(asleep).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringContaining('another run writes into'),
  });
  expect(readFileSync(join(directory, 'events.jsonl'), 'utf8').endsWith(OTHER)).toBe(true);
  expect(survivors(directory)).toEqual([]);
});
const OTHER = '{"event":"run_started","at":"2026-11-22T10:00:00Z","version":"0.1.0"}\n';

test('a line of the journal that this version cannot read is said', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures')], { directory });
  appendFileSync(join(directory, 'events.jsonl'), '{"event":"from another version"}\n');
  const { notices } = await carryOut([point('measures')], { directory });
  expect(notices).toContainEqual({
    kind: 'note',
    text: expect.stringMatching(/^1 lines of events.jsonl cannot be read/),
  });
});

test('a file where a run keeps its attempts is refused, not a fault', async () => {
  const directory = emptyFolder();
  writeFileSync(join(directory, 'attempts'), '');
  await expect(carryOut([point('measures')], { directory })).rejects.toBeInstanceOf(Refusal);
});
