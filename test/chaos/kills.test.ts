import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';
import { FIFTY, mishapsOf } from './definitions.ts';
import { killAndResume } from './kills.ts';
import { endAll } from './living.ts';
import { placeIn, run } from './program.ts';
import { chanceOf } from './random.ts';
import { whatIsWrong } from './whole.ts';

/** Another seed is another night: CHAOS_SEED=17 npm test -- test/chaos. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const MISHAPS = ['exits', 'is killed', 'tears its file', 'hangs', 'floods', 'leaves a child in a session of its own'];

test(`50 jobs whose orchestrator is killed again and again (seed ${SEED})`, { timeout: 180_000 }, async () => {
  const chance = chanceOf(SEED);
  const undisturbed = placeIn(emptyFolder(), FIFTY);
  const disturbed = placeIn(emptyFolder(), FIFTY, { mishaps: mishapsOf(chance, MISHAPS), milliseconds: 60 });
  onTestFinished(() => endAll(disturbed.out));
  const begun = performance.now();
  expect(await run(undisturbed)).toMatchObject({ code: 0 });
  const wholeMs = performance.now() - begun;

  const { kills, wrong } = await killAndResume(disturbed, chance, 10, wholeMs);
  expect(wrong).toEqual([]);
  expect(kills).toBeGreaterThanOrEqual(5);
  expect(whatIsWrong(disturbed.out, undisturbed.out)).toEqual([]);
});
