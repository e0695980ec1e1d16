import { describe, expect, test, vi } from 'vitest';
import { disorders } from './power-cut.ts';
import { cutAfter, cutAndResume, recordedRun } from './power-cuts.ts';
import { filesBelow } from './recorded.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const SEED = Number(process.env['CHAOS_SEED'] ?? 1);

describe('the order in which the file system is asked', () => {
  test('every step is known: what survives in full is what is there', async () => {
    const { steps, directory } = await recordedRun();
    expect(filesBelow(cutAfter(steps, steps.length, 'all'))).toEqual(filesBelow(directory));
  });

  test('nothing gets its name, and nothing is promised, before it is flushed', async () => {
    const { steps } = await recordedRun();
    expect(disorders(steps)).toEqual([]);
  });
});

// All of them: npm run test:long.
test(
  `a power cut at a step leaves what the same command completes (12 steps, seed ${SEED})`,
  {
    timeout: 120_000,
  },
  () => cutAndResume(SEED, 12),
);
