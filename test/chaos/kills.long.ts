import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';
import { FIFTY, mishapsOf } from './definitions.ts';
import { killAndResume } from './kills.ts';
import { endAll } from './living.ts';
import { placeIn, run } from './program.ts';
import { chanceOf } from './random.ts';
import { whatIsWrong } from './whole.ts';

const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 200);
const MOST_KILLS_A_NIGHT = 14;
const MISHAPS = [
  ...['exits', 'is killed', 'tears its file', 'hangs', 'floods', 'exits', 'is killed'],
  ...['leaves a child', 'leaves a child in a session of its own'],
];
/** Costs 10 s and more each: what ignores TERM is given time. */
const STUBBORN = ['hangs and ignores TERM', 'leaves a child that ignores TERM'] as const;

test(`${KILLS} kills in nights of 50 jobs (from seed ${SEED})`, { timeout: 3_600_000 }, async () => {
  const undisturbed = placeIn(emptyFolder(), FIFTY);
  const begun = performance.now();
  expect(await run(undisturbed)).toMatchObject({ code: 0 });
  const wholeMs = performance.now() - begun;
  let all = 0;
  for (let seed = SEED; all < KILLS; seed += 1) {
    const chance = chanceOf(seed);
    const own = seed === SEED ? ['floods with a gigabyte'] : [chance.pick('stubborn', STUBBORN)];
    const mishaps = mishapsOf(chance, [...MISHAPS, ...own]);
    const disturbed = placeIn(emptyFolder(), FIFTY, { mishaps, milliseconds: 60 });
    onTestFinished(() => endAll(disturbed.out));
    const { kills, wrong } = await killAndResume(disturbed, chance, MOST_KILLS_A_NIGHT, wholeMs);
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });
    expect({ seed, wrong: whatIsWrong(disturbed.out, undisturbed.out) }).toEqual({ seed, wrong: [] });
    all += kills;
  }
});
