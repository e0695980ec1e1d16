import { expect, test, vi } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { collect } from '../../src/run/collect.ts';
import { Plan } from '../../src/schema/plan.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, ENVIRONMENT, type Finished, point, readJson, recordOf, statesOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const notesIn = ({ notices }: Finished) => notices.flatMap((notice) => (notice.kind === 'note' ? [notice.text] : []));

function fromDisk({ directory }: Finished) {
  const plan = Plan.parse(readJson(directory, 'plan.json'));
  return collect(plan, directory, readEvents(directory).events);
}

test('a driver that names a folder as its result fails alone, and the night goes on', async () => {
  const ran = await carryOut([point('names-folder', 8), point('measures', 16)]);
  expect(statesOf(ran)).toEqual({ 'names-folder': 'failed', measures: 'valid' });
  expect(recordOf(ran, 'names-folder').reasons).toEqual([{ code: 'unreadable-result', message: '..: is a folder' }]);
});

test('a measurement that the driver makes twice is invalid, in the run as in its report', async () => {
  const ran = await carryOut([point('measures-twice', 8), point('measures', 16)]);
  expect(statesOf(ran)).toEqual({ 'measures-twice': 'invalid', measures: 'valid' });
  const { samples, reasons } = recordOf(ran, 'measures-twice');
  expect(samples).toHaveLength(1);
  expect(reasons.map(({ code }) => code)).toEqual(['repeated-lines']);
  expect(fromDisk(ran).summary(ENVIRONMENT)).toEqual(ran.summary);
});

test('a measurement that nobody asked for is noted by the run, by its report, and when it goes on', async () => {
  const directory = emptyFolder();
  const ran = await carryOut([point('measures-stranger')], { directory });
  expect(statesOf(ran)).toEqual({ 'measures-stranger': 'valid' });
  const notes = [
    expect.stringMatching(/tells of 1 measurement .* first of job stranger, repeat 0/),
    expect.stringMatching(/has 1 line of its driver .*job_end of job another, repeat 0, which is not the one/),
  ];
  expect(notesIn(ran)).toEqual(notes);
  expect(fromDisk(ran).notes).toEqual(notes);
  expect(notesIn(await carryOut([point('measures-stranger')], { directory }))).toEqual(notes);
});

test('a point that is no longer asked for is no stranger: its attempt was asked for it', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures', 8), point('measures-2', 16)], { directory });
  const less = await carryOut([point('measures', 8)], { directory });
  expect(notesIn(less).filter((note) => note.includes('not asked for'))).toEqual([]);
});
