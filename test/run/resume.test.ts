import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, ENVIRONMENT, filesIn, journalOf, point, readJson, recordOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const measurementFiles = (directory: string) => filesIn(directory).filter((path) => /\.r\d+\.json$/.test(path));

describe('what is asked for later', () => {
  test('more repeats add only the missing ones', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures', 8, { repeats: 2 })], { directory });
    const again = await carryOut([point('measures', 8, { repeats: 4 })], { directory });
    expect(again.began).toEqual(['measures_TP-1_ISL-8_OSL-4 r2', 'measures_TP-1_ISL-8_OSL-4 r3']);
    const record = recordOf(again, 'measures');
    expect(record).toMatchObject({ state: 'valid', asked_samples: 4 });
    expect(record.samples.map(({ repeat }) => repeat)).toEqual([0, 1, 2, 3]);
    // 2, 4, 6 and 8 s for 4 requests, two in each engine process: 2 and 1, 2/3 and 1/2 requests/s; the mean of 3/2 and
    // 7/12.
    const throughput = record.results['request_throughput_rps'];
    expect(throughput?.value).toBeCloseTo((3 / 2 + 7 / 12) / 2, 10);
    expect(throughput).toMatchObject({ n: 4, starts: 2, drift: null, ci95: { over: 'starts' } });
  });

  // What a record says of less: the surplus counts when it is valid, and is nobody's trouble when it is not.
  test('fewer repeats keep the valid ones that are there', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures', 8, { repeats: 4 })], { directory });
    const less = await carryOut([point('measures', 8, { repeats: 2 })], { directory });
    expect(less.began).toEqual([]);
    expect(recordOf(less, 'measures')).toMatchObject({ state: 'valid', reasons: [], asked_samples: 2 });
    expect(recordOf(less, 'measures').samples.map(({ repeat }) => repeat)).toEqual([0, 1, 2, 3]);
  });

  test.each([
    ['invalid', (text: string) => text.replace('"repeat":3', '"repeat":7')],
    ['unreadable', () => ''],
  ])('a repeat that is no longer asked for and %s is left out', async (_how, spoil) => {
    const directory = emptyFolder();
    await carryOut([point('measures', 8, { repeats: 4 })], { directory });
    const victim = measurementFiles(directory).find((path) => path.endsWith('.r3.json')) ?? '';
    writeFileSync(join(directory, victim), spoil(readFileSync(join(directory, victim), 'utf8')));
    const less = await carryOut([point('measures', 8, { repeats: 2 })], { directory });
    expect(recordOf(less, 'measures')).toMatchObject({ state: 'valid', reasons: [], asked_samples: 2 });
    expect(recordOf(less, 'measures').samples.map(({ repeat }) => repeat)).toEqual([0, 1, 2]);
    const again = await carryOut([point('measures', 8, { repeats: 5 })], { directory, notify: () => undefined });
    expect(recordOf(again, 'measures').state).toBe(_how === 'invalid' ? 'invalid' : 'valid');
  });

  test('more engine starts add only the missing ones', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures')], { directory });
    const again = await carryOut([point('measures', 8, { starts: 2 })], { directory });
    expect(again.began).toHaveLength(1);
    expect(recordOf(again, 'measures').samples.map(({ start, repeat }) => [start, repeat])).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  test('another seed is another job: it is measured, and the old one is left out and kept', async () => {
    const directory = emptyFolder();
    const first = await carryOut([point('measures')], { directory });
    const again = await carryOut([point('measures', 8, { seed: 7 })], { directory });
    expect(again.began).toHaveLength(1);
    const [before, after] = [first, again].map(({ summary }) => summary.records.map(({ job_id }) => job_id));
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    expect(readJson<{ job_id: string }[]>(directory, 'summary_report.json').map(({ job_id }) => job_id)).toEqual(after);
    for (const id of [...(before ?? []), ...(after ?? [])]) {
      expect(filesIn(directory)).toContain(`records/${id}.json`);
      expect(measurementFiles(directory).some((path) => path.includes(id))).toBe(true);
    }
    // And back: nothing is measured.
    expect((await carryOut([point('measures')], { directory })).began).toEqual([]);
  });

  test('another point, with a run of its own, leaves the old one as it was', async () => {
    const directory = emptyFolder();
    const first = await carryOut([point('measures', 64)], { directory });
    const again = await carryOut([point('measures', 64), point('measures-2', 8)], { directory });
    expect(again.began).toEqual(['measures-2_TP-1_ISL-8_OSL-4 r0']);
    expect(recordOf(again, 'measures').samples).toEqual(recordOf(first, 'measures').samples);
  });

  // max_model_len is derived from the longest point; it is in neither the key nor the id of a job.
  test('a longer point, which needs a larger engine, does not spoil what was measured', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures', 8)], { directory });
    const again = await carryOut([point('measures', 8), point('measures-2', 64)], { directory });
    expect(again.began).toEqual(['measures-2_TP-1_ISL-64_OSL-4 r0']);
    expect(recordOf(again, 'measures')).toMatchObject({ state: 'valid', reasons: [] });
  });

  test('the longest point taken out does not spoil the others', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures', 8), point('measures-2', 64)], { directory });
    const less = await carryOut([point('measures', 8)], { directory });
    expect(recordOf(less, 'measures')).toMatchObject({ state: 'valid', reasons: [] });
  });

  test('a point that is taken out is not in the summary; put back, it is there without being measured', async () => {
    const directory = emptyFolder();
    const both = [point('measures', 16), point('measures-2', 8)];
    const first = await carryOut(both, { directory });
    const less = await carryOut(both.slice(0, 1), { directory });
    expect(less.summary.records.map(({ run_name }) => run_name)).toEqual(['measures_TP-1_ISL-16_OSL-4']);
    const again = await carryOut(both, { directory });
    expect(again.began).toEqual([]);
    expect(again.summary).toEqual(first.summary);
  });

  test('another name for the same point measures nothing, and is used from then on', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures')], { directory });
    const again = await carryOut([point('chat')], { directory });
    expect(again.began).toEqual([]);
    expect(recordOf(again, 'chat').state).toBe('valid');
  });
});

describe('evidence that is gone or torn when the run goes on', () => {
  const spoilings: Record<string, (path: string) => void> = {
    deleted: (path) => rmSync(path),
    empty: (path) => writeFileSync(path, ''),
    'cut in the middle': (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
    'another file': (path) => writeFileSync(path, '[1, 2]'),
    // Of the same size: that it is no measurement is found when the run goes on already.
    'of another protocol': (path) =>
      writeFileSync(path, readFileSync(path, 'utf8').replace('"protocol":1', '"protocol":2')),
  };
  test.each(Object.keys(spoilings))('a measurement file that is %s is measured again, and no other', async (how) => {
    const directory = emptyFolder();
    const runs = [point('measures', 8, { repeats: 2 }), point('measures-2', 16)];
    const first = await carryOut(runs, { directory });
    const victim = measurementFiles(directory).find((path) => path.includes(recordOf(first, 'measures').job_id));
    spoilings[how]?.(join(directory, victim ?? ''));
    const again = await carryOut(runs, { directory });
    expect(again.began).toEqual([`measures_TP-1_ISL-8_OSL-4 r${/r(\d)\.json$/.exec(victim ?? '')?.[1]}`]);
    expect(recordOf(again, 'measures')).toMatchObject({ state: 'valid', reasons: [] });
    expect(recordOf(again, 'measures').samples).toHaveLength(2);
    expect(again.left).toBe(0);
  });

  test('a stdout.log that is gone', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures')], { directory });
    rmSync(join(directory, 'attempts/0001_measures_TP-1/stdout.log'));
    const again = await carryOut([point('measures')], { directory });
    expect(again.began).toHaveLength(1);
    expect(recordOf(again, 'measures')).toMatchObject({ state: 'valid', samples: [{ repeat: 0 }] });
  });

  test.each(['summary_report.json', 'benchmark_summary.csv', 'plan.json', 'run.yaml', 'environment.json', 'records'])(
    '%s is made anew, and nothing is measured',
    async (name) => {
      const directory = emptyFolder();
      const first = await carryOut([point('measures')], { directory });
      const before = filesIn(directory);
      rmSync(join(directory, name), { recursive: true });
      const again = await carryOut([point('measures')], { directory });
      expect(again.began).toEqual([]);
      expect(again.summary).toEqual(first.summary);
      expect(filesIn(directory)).toEqual(before);
    },
  );
});

test('the environment on record is that of the first run', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures')], { directory });
  await carryOut([point('measures')], { directory, environment: { ...ENVIRONMENT, hostname: 'another' } });
  expect(readJson(directory, 'environment.json')).toMatchObject({ hostname: ENVIRONMENT.hostname });
});

test('events are only ever added', async () => {
  const directory = emptyFolder();
  await carryOut([point('measures')], { directory });
  const before = readFileSync(join(directory, 'events.jsonl'), 'utf8');
  await carryOut([point('measures', 8, { repeats: 2 })], { directory });
  expect(readFileSync(join(directory, 'events.jsonl'), 'utf8').startsWith(before)).toBe(true);
  expect(journalOf(directory).filter(({ event }) => event === 'run_started')).toHaveLength(2);
});
