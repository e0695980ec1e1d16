import { describe, expect, test } from 'vitest';
import { medianInterval } from '../../src/stats/median-interval.ts';
import { coverage, normals, type Population, SHAPES } from './coverage.ts';

const SEVERAL_STARTS: readonly Population[] = [2, 3, 5, 10].flatMap((starts) =>
  [1, 2, 3, 4, 5].flatMap((repeats) =>
    (['normal', 'lognormal'] as const).flatMap((shape) =>
      [0.02, 0.1].map((between) => ({ shape, starts, repeats, between })),
    ),
  ),
);
const ONE_START: readonly Population[] = [2, 3, 5, 10].flatMap((repeats) =>
  (['normal', 'lognormal'] as const).map((shape) => ({ shape, starts: 1, repeats, between: 0 })),
);

/** ORCHESTRATE_TEST_ROUNDS=20000 makes every single population a proof of its own. */
const ROUNDS = Number(process.env['ORCHESTRATE_TEST_ROUNDS'] ?? 200);

/** Share of intervals that hold the true median, and what four standard errors of that share are. */
function pooled(populations: readonly Population[]) {
  const found = populations.map((population, index) => coverage(population, ROUNDS, index + 1));
  const over = (read: (one: (typeof found)[number]) => number) =>
    found.reduce((sum, one) => sum + read(one), 0) / found.length;
  return {
    held: over(({ held }) => held),
    slack: 4 * Math.sqrt((0.95 * 0.05) / ROUNDS),
    least: found.reduce((least, { held }) => Math.min(least, held), 1),
    // Half as many rounds for the ratio would do: both widths are of the same samples.
    width: over(({ meanWidth }) => meanWidth) / over(({ meanWidthOfMean }) => meanWidthOfMean),
  };
}

describe('at least 93 of 100 intervals contain the true median', () => {
  test.each([2, 3, 5, 10])('over %i starts of 1 to 5 repeats', (starts) => {
    const { held, least, slack, width } = pooled(SEVERAL_STARTS.filter((one) => one.starts === starts));
    expect(held).toBeGreaterThan(0.93);
    expect(held).toBeLessThan(0.98);
    expect(least).toBeGreaterThan(0.95 - slack);
    // The median of normal values varies up to 1.22 times as much as their mean, and the interval is wider by as much.
    expect(width).toBeLessThan(1.25);
  });

  test.each([2, 3, 5, 10])('over %i repeats of one start', (repeats) => {
    const { held, least, slack, width } = pooled(ONE_START.filter((one) => one.repeats === repeats));
    expect(held).toBeGreaterThan(0.93);
    expect(held).toBeLessThan(0.98);
    expect(least).toBeGreaterThan(0.95 - slack);
    expect(width).toBeLessThan(1.25);
  });
});

test('an interval over all samples, as if starts did not differ, would contain it far too seldom', () => {
  const normal = normals(3);
  const rounds = 500;
  let held = 0;
  for (let round = 0; round < rounds; round += 1) {
    const samples = [1, 2, 3].flatMap(() => {
      const own = Math.exp(0.1 * normal());
      return [1, 2, 3, 4, 5].map(() => own * SHAPES.normal(normal()));
    });
    const interval = medianInterval(samples);
    if (interval !== null && interval.low <= 1 && interval.high >= 1) held += 1;
  }
  expect(held / rounds).toBeLessThan(0.85);
});
