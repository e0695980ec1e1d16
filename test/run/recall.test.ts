import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { collect, recall } from '../../src/run/collect.ts';
import type { Ledger } from '../../src/run/ledger.ts';
import { Plan } from '../../src/schema/plan.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, ENVIRONMENT, type Finished, filesIn, journalOf, point, readJson, recordOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const RUNS = [point('measures', 8, { repeats: 2 }), point('job-failed', 16), point('measures-other', 24)];

const planOf = ({ directory }: Finished) => Plan.parse(readJson(directory, 'plan.json'));
const recalled = (run: Finished) => recall(planOf(run), run.directory, readEvents(run.directory).events);
const placesOf = (ledger: Ledger) => [...ledger.done()].map(({ start, repeat }) => [start, repeat]);

/** The file of the first repeat of `measures`. */
function fileOf(run: Finished): string {
  const name = `${recordOf(run, 'measures').job_id}.r0.json`;
  return join(run.directory, filesIn(run.directory).find((path) => path.endsWith(name)) ?? '');
}

/** Other bytes, as many as before: what a look at the file's size does not show. */
function spoilWithin(path: string): void {
  writeFileSync(path, 'x'.repeat(readFileSync(path).length));
}

describe('a run that is gone on with', () => {
  test('knows what is done, and that much faster than records, as the whole evidence tells it', async () => {
    const run = await carryOut(RUNS);
    const ledger = recalled(run);
    const whole = collect(planOf(run), run.directory, readEvents(run.directory).events);
    // Two repeats, and the sample of another length, which is there and invalid.
    expect([...ledger.done()]).toHaveLength(3);
    expect([...ledger.done()]).toEqual([...whole.done()]);
    expect(ledger.asked()).toBe(4);
    expect(() => ledger.summary(ENVIRONMENT)).toThrow('before the evidence was read');
    await ledger.load();
    expect([...ledger.done()]).toEqual([...whole.done()]);
    expect(ledger.summary(ENVIRONMENT)).toEqual(whole.summary(ENVIRONMENT));
    expect(ledger.summary(ENVIRONMENT)).toEqual(run.summary);
    expect(ledger.lost).toEqual([]);
  });

  test('measures invalid samples again when it is asked to, and the newer one counts', async () => {
    const run = await carryOut(RUNS);
    const ledger = recalled(run);
    expect([...ledger.done({ remeasureInvalid: true })]).toHaveLength(2);
    const { job_id, samples } = recordOf(run, 'measures-other');
    const [sample] = samples;
    if (sample === undefined) throw new Error('no sample');
    const better = { ...sample, invalid: [], attempt: 'attempts/0099_better' };
    ledger.measured(job_id, better, null, null, null);
    expect([...ledger.done({ remeasureInvalid: true })]).toHaveLength(3);
    await ledger.load();
    expect([...ledger.done({ remeasureInvalid: true })]).toHaveLength(3);
    expect(ledger.record(job_id)).toMatchObject({ state: 'valid', samples: [better] });
  });

  test.each<[string, (path: string, run: Finished) => void]>([
    ['its file is gone', (path) => rmSync(path)],
    ['its file is shorter', (path) => truncateSync(path, 100)],
    ['its file has grown', (path) => writeFileSync(path, `${readFileSync(path, 'utf8')}\n`)],
  ])('knows that a measurement is to be made again when %s', async (_what, spoil) => {
    const run = await carryOut(RUNS);
    spoil(fileOf(run), run);
    expect(placesOf(recalled(run))).toEqual([
      [0, 1],
      [0, 0],
    ]);
  });

  test('has nothing of an attempt whose log is gone', async () => {
    const run = await carryOut(RUNS);
    for (const path of filesIn(run.directory).filter((name) => name.endsWith('/stdout.log')))
      rmSync(join(run.directory, path));
    expect(placesOf(recalled(run))).toEqual([]);
  });

  test('finds later that a file of the right size cannot be read, and says so', async () => {
    const run = await carryOut(RUNS);
    spoilWithin(fileOf(run));
    const ledger = recalled(run);
    expect([...ledger.done()]).toHaveLength(3);
    expect(ledger.lost).toEqual([]);
    await ledger.load();
    expect([...ledger.done()]).toHaveLength(2);
    expect(ledger.lost).toMatchObject([{ job: recordOf(run, 'measures').job_id, start: 0, repeat: 0 }]);
    const [reason] = ledger.record(recordOf(run, 'measures').job_id)?.reasons ?? [];
    expect(reason).toMatchObject({ code: 'incomplete' });
    expect(reason?.message).toMatch(/^1 of 2 samples: .*\.r0\.json: /);
  });

  test('reads everything at once where the journal of an older version tells too little', async () => {
    const run = await carryOut(RUNS);
    const older = journalOf(run.directory).map((event) => ({ ...event, bytes: undefined, valid: undefined }));
    writeFileSync(join(run.directory, 'events.jsonl'), older.map((event) => `${JSON.stringify(event)}\n`).join(''));
    spoilWithin(fileOf(run));
    const ledger = recalled(run);
    expect([...ledger.done()]).toHaveLength(2);
    expect(recordOf({ summary: ledger.summary(ENVIRONMENT) }, 'measures').reasons).toMatchObject([
      { code: 'incomplete' },
    ]);
  });

  test('keeps what it tells before the evidence is read in its place, after what was before', async () => {
    const directory = emptyFolder();
    const run = await carryOut(RUNS, { directory });
    const { job_id, samples } = recordOf(run, 'measures');
    const [first] = samples;
    if (first === undefined) throw new Error('no sample');
    const ledger = recalled(run);
    const third = { ...first, repeat: 2, attempt: 'attempts/0002_again' };
    ledger.engineStarted('0002_again', 7);
    ledger.measured(job_id, third, null, { file: 'second.log', first_line: 1, last_line: 2 }, null);
    expect(ledger.throughputs(job_id, 0)).toHaveLength(3);
    await ledger.load();
    expect(ledger.throughputs(job_id, 0)).toHaveLength(3);
    // It was asked for twice, and the third is valid: it counts, as the surplus of an earlier run would.
    expect(ledger.record(job_id)).toMatchObject({
      samples: [{ repeat: 0 }, { repeat: 1 }, { repeat: 2 }],
      log: { file: 'second.log' },
    });
    expect(ledger.record(job_id)?.engine_start_s.at(-1)).toBe(7);
  });
});
