import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Boundaries, boundariesOfSmall, dieAgainAndAgain, dieAndResume } from './boundaries.ts';
import { chanceOf } from './random.ts';

/** All of them: npm run test:long. */
const SOME = 5;
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const chance = chanceOf(SEED);

describe(`an orchestrator that is killed at a change of a file (seed ${SEED})`, { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrate-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let boundaries: Boundaries;
  beforeAll(async () => {
    boundaries = await boundariesOfSmall(folder);
  });
  const someChange = (name: string) =>
    `${chance.pick(`${name} moment`, ['before', 'after', 'half'])} ${1 + Math.floor(chance.number(name) * boundaries.changes.length)}`;

  test('when it takes the lock', async () => {
    const lock = boundaries.changes.findIndex((change) => / \.lock/.test(change)) + 1;
    expect(lock).toBeGreaterThan(0);
    for (const change of [lock, lock + 1]) expect(await dieAndResume(`after ${change}`, boundaries)).toEqual([]);
  });

  test(`at ${SOME} of all changes`, async () => {
    for (let i = 0; i < SOME; i += 1) expect(await dieAndResume(someChange(`change ${i}`), boundaries)).toEqual([]);
  });

  test('in a resume, and in the resume of that', async () => {
    const dies = Array.from({ length: 4 }, (_, i) => someChange(`again ${i}`));
    expect(await dieAgainAndAgain(dies, boundaries)).toEqual([]);
  });
});
