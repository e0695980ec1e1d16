import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { LaunchFile } from '../../src/schema/driver-protocol.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, filesIn, point, recordOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

// The stand-in takes 2 x (r + 1) s for 16 tokens: 8, 4, 2.67, 2, 1.6 tokens/s. scipy.stats.variation(ddof=1) of the
// first three is 0.568, of four 0.645, of five 0.710.
const repeatsOf = (began: readonly string[]) => began.map((name) => Number(name.replace(/.* r/, '')));
const until = (cv: number, max_repeats: number, more: object = {}) => ({ until: { cv, max_repeats }, ...more });

function launchFiles(directory: string): LaunchFile[] {
  return filesIn(directory)
    .filter((path) => path.endsWith('launch.json'))
    .map((path) => LaunchFile.parse(JSON.parse(readFileSync(join(directory, path), 'utf8'))));
}

test('repeats end when they are steady, and what is spared is neither missing nor left', async () => {
  const ran = await carryOut([point('measures', 8, until(0.6, 6))]);
  expect(repeatsOf(ran.began)).toEqual([0, 1, 2]);
  expect(ran.left).toBe(0);
  const record = recordOf(ran, 'measures');
  expect(record).toMatchObject({ state: 'valid', reasons: [], asked_samples: 3 });
  expect(record.notes.map(({ code }) => code)).not.toContain('not-steady');
  expect(ran.notices).toContainEqual(expect.objectContaining({ kind: 'job-steady', repeats: 3, spared: 3 }));
  expect(ran.notices.filter(({ kind }) => kind === 'attempt-started')).toHaveLength(1);
  expect(ran.notices).toContainEqual(expect.objectContaining({ kind: 'run-started', measurements: 6, atMost: true }));
});

test('repeats that do not become steady end at the most, and the record says so', async () => {
  const ran = await carryOut([point('measures', 8, until(0.5, 4))]);
  expect(repeatsOf(ran.began)).toEqual([0, 1, 2, 3]);
  expect(ran.left).toBe(0);
  const record = recordOf(ran, 'measures');
  expect(record).toMatchObject({ state: 'valid', reasons: [], asked_samples: 4 });
  expect(record.notes).toContainEqual({
    code: 'not-steady',
    message: 'CV 0.64 after 4 repeats; asked for 0.5',
  });
});

test('each engine start goes on until it is steady by itself', async () => {
  const ran = await carryOut([point('measures', 8, until(0.65, 6, { repeats: 4, starts: 2 }))]);
  expect(repeatsOf(ran.began)).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  expect(recordOf(ran, 'measures')).toMatchObject({ state: 'valid', reasons: [], asked_samples: 8 });
});

test('the same command again measures nothing', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures', 8, until(0.6, 6))], { directory });
  const again = await carryOut([point('measures', 8, until(0.6, 6))], { directory });
  expect(again.began).toEqual([]);
  expect(again.notices).toContainEqual(
    expect.objectContaining({ kind: 'run-started', measurements: 3, alreadyDone: 3 }),
  );
});

test('repeats that an earlier run made count, in the driver as well', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures', 8, { repeats: 2 })], { directory });
  const again = await carryOut([point('measures', 8, until(0.6, 6))], { directory });
  expect(repeatsOf(again.began)).toEqual([2]);
  expect(recordOf(again, 'measures')).toMatchObject({ state: 'valid', reasons: [], asked_samples: 3 });
  const [, second] = launchFiles(directory);
  expect(second?.jobs[0]?.until).toEqual({ cv: 0.6, min_repeats: 3, known: [8, 4] });
  expect(second?.measurements.map(({ repeat }) => repeat)).toEqual([2, 3, 4, 5]);
});

test('a smaller CV asked for later goes on from there', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures', 8, until(0.6, 6))], { directory });
  const again = await carryOut([point('measures', 8, until(0.1, 5))], { directory });
  expect(repeatsOf(again.began)).toEqual([3, 4]);
});

test('an engine that dies between goes on with what its repeats were', async () => {
  const ran = await carryOut([point('measures', 8, until(0.6, 6)), point('is-killed-once', 16)]);
  expect(recordOf(ran, 'measures')).toMatchObject({ state: 'valid', reasons: [], asked_samples: 3 });
  const [, second] = launchFiles(ran.directory);
  const known = second?.jobs.find(({ until: asked }) => asked !== null)?.until?.known ?? null;
  // Which of the two comes first is up to the order of the round.
  const first = ran.began[0]?.startsWith('measures');
  expect(known).toEqual(first ? [8] : []);
});

test('a driver that claims a job to be steady is not believed: the record says what is missing', async () => {
  const ran = await carryOut([point('claims-steady', 8, until(0.6, 4))]);
  expect(repeatsOf(ran.began)).toEqual([0]);
  expect(ran.left).toBe(3);
  expect(recordOf(ran, 'claims-steady')).toMatchObject({
    state: 'valid',
    reasons: [{ code: 'incomplete', message: '1 of 4 samples: the rest was not attempted' }],
  });
});

test('nor for a job that was not asked to be', async () => {
  const ran = await carryOut([point('claims-steady', 8, { repeats: 2 })]);
  expect(ran.notices.map(({ kind }) => kind)).not.toContain('job-steady');
  expect(recordOf(ran, 'claims-steady').reasons).toMatchObject([{ code: 'incomplete' }]);
});

test('a repeat beyond a smaller most that is invalid is left out, and not missed', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures', 8, until(0.01, 5))], { directory });
  const victim = filesIn(directory).find((path) => path.endsWith('.r4.json')) ?? '';
  const spoiled = readFileSync(join(directory, victim), 'utf8').replace('"repeat":4', '"repeat":9');
  writeFileSync(join(directory, victim), spoiled);
  // The five are steady by 0.72 (their CV is 0.710), so as many as count are asked for.
  const less = await carryOut([point('measures', 8, until(0.72, 4))], { directory });
  expect(less.began).toEqual([]);
  expect(recordOf(less, 'measures')).toMatchObject({ state: 'valid', reasons: [], asked_samples: 4 });
});
