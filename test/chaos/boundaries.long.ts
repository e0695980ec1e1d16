import { expect, test } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';
import { boundariesOfSmall, dieAndResume } from './boundaries.ts';

/** A run is idle for a good part of its time. */
const AT_ONCE = 2;

test('an orchestrator that is killed before, after and in each change of a file', { timeout: 3_600_000 }, async () => {
  const boundaries = await boundariesOfSmall(emptyFolder());
  const { changes } = boundaries;
  const dies = changes.flatMap((change, i) =>
    (change.startsWith('write') ? ['before', 'half', 'after'] : ['before', 'after']).map(
      (moment) => `${moment} ${i + 1}`,
    ),
  );
  const left = dies.values();
  const wrong: string[] = [];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const die of left) wrong.push(...(await dieAndResume(die, boundaries)));
    }),
  );
  expect(wrong).toEqual([]);
});
