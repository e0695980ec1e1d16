import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../../src/errors/refusal.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, point, recordOf } from './runs.ts';

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
    text: expect.stringMatching(/^1 measured before .* kept in records/),
  });
});

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
