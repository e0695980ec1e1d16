import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { buildPlan } from '../../src/plan/build.ts';
import { Ledger } from '../../src/run/ledger.ts';
import { writeRecords } from '../../src/run/outputs.ts';
import { recordWriter } from '../../src/run/record-writer.ts';
import { configOf } from '../config/definition.ts';
import { emptyFolder } from '../journal/folder.ts';
import { NO_FACTS } from '../plan/plans.ts';
import { ENVIRONMENT, point, readJson } from './runs.ts';

const definition = JSON.stringify({ standalone_runs: [point('measures', 8), point('measures-2', 16)] });
const plan = buildPlan(configOf(definition), NO_FACTS, { bindDevices: false });
const jobs = plan.launches.flatMap((launch) => launch.jobs.map(({ id }) => id));
const [job = ''] = jobs;

const reasonOf = (directory: string) =>
  readJson<{ reasons: { message: string }[] }>(directory, 'records', `${job}.json`).reasons[0]?.message;
const failWith = (ledger: Ledger, message: string) =>
  ledger.failed(job, { start: 0, repeat: 0, reason: { code: 'engine', message } }, null);

describe('records that change while a run goes on', () => {
  test('are written in the background, as they are by then', async () => {
    const directory = emptyFolder();
    const ledger = new Ledger(plan);
    const records = recordWriter(directory, ledger, 0.02);
    records.changed(job);
    failWith(ledger, 'no memory');
    records.changed(job);
    expect(readdirSync(directory)).toEqual([]);
    await expect.poll(() => reasonOf(directory)).toBe('no memory');
    expect(readdirSync(join(directory, 'records'))).toEqual([`${job}.json`]);
    await records.close();
  });

  test('are all there when it is settled', async () => {
    const directory = emptyFolder();
    const records = recordWriter(directory, new Ledger(plan), 1000);
    for (const id of [...jobs, 'of another plan']) records.changed(id);
    await records.settle();
    expect(readdirSync(join(directory, 'records')).toSorted()).toEqual(jobs.map((id) => `${id}.json`).toSorted());
  });

  test('are written once more where that failed; what still fails is told', async () => {
    const directory = emptyFolder();
    writeFileSync(join(directory, 'records'), 'a file in the way of the folder');
    const records = recordWriter(directory, new Ledger(plan), 0.001);
    records.changed(job);
    await sleep(50);
    await expect(records.settle()).rejects.toThrow(/EEXIST|ENOTDIR/);
    rmSync(join(directory, 'records'));
    await records.settle();
    expect(readdirSync(join(directory, 'records'))).toEqual([`${job}.json`]);
  });

  test('are left when it is closed', async () => {
    const directory = emptyFolder();
    const records = recordWriter(directory, new Ledger(plan), 0.01);
    records.changed(job);
    await records.close();
    await sleep(40);
    expect(readdirSync(directory)).toEqual([]);
  });
});

test('of all records only those that are not as they should be are written', async () => {
  const directory = emptyFolder();
  const { records } = new Ledger(plan).summary(ENVIRONMENT);
  await writeRecords(directory, records);
  const [same = '', torn = ''] = jobs.map((id) => join(directory, 'records', `${id}.json`));
  const before = { whole: readFileSync(torn, 'utf8'), inode: statSync(same).ino };
  writeFileSync(torn, before.whole.slice(0, 100));
  await writeRecords(directory, records);
  // A file that is written anew is another file under the old name.
  expect(statSync(same).ino).toBe(before.inode);
  expect(readFileSync(torn, 'utf8')).toBe(before.whole);
  mkdirSync(join(directory, 'elsewhere'));
  await writeRecords(join(directory, 'elsewhere'), records);
  expect(readdirSync(join(directory, 'elsewhere', 'records'))).toHaveLength(2);
});
