import { expect, test } from 'vitest';
import { drift } from '../../src/stats/drift.ts';
import { ofOneProcess, placedAs, REFERENCE } from './reference.ts';

const trends = Object.entries(REFERENCE.aggregates).map(([name, { values, trend }]) => ({
  name,
  values: ofOneProcess(values),
  trend,
}));

test.each(trends)('$name: as scipy.stats.linregress has it', ({ values, trend }) => {
  const expected =
    trend === null ? null : { share: expect.closeTo(trend.share, 10), noise: expect.closeTo(trend.noise, 8) };
  expect(drift(values)).toEqual(expected);
});

test('a straight line: 3 repeats that fall from 110 to 90 fall by 20 of 100, and nothing scatters', () => {
  expect(drift(placedAs([[110, 100, 90]]))).toEqual({ share: expect.closeTo(-0.2, 12), noise: expect.closeTo(0, 9) });
});

test('a repeat that is missing keeps the others in their places', () => {
  // A line of 2 a repeat over 5 places, whose median is 105: 8 / 105.
  const values = [0, 2, 3, 4].map((repeat) => ({ start: 0, attempt: 'a', repeat, value: 100 + 2 * repeat }));
  expect(drift(values)?.share).toBeCloseTo(8 / 105, 12);
});

test('is the mean over starts, and one that rises cancels one that falls', () => {
  expect(
    drift(
      placedAs([
        [90, 100, 110],
        [110, 100, 90],
      ]),
    )?.share,
  ).toBeCloseTo(0, 12);
  expect(
    drift(
      placedAs([
        [90, 100, 110],
        [100, 100, 100],
        [5, 6],
      ]),
    )?.share,
  ).toBeCloseTo(0.1, 12);
});

test('two repeats show none', () => {
  expect(
    drift(
      placedAs([
        [90, 100],
        [90, 100],
      ]),
    ),
  ).toBeNull();
});

test('values without a trend are called one in about 5 of 100 cases', () => {
  let seed = 11;
  const uniform = (): number => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const value = (): number => 100 + 3 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const repeats = (count: number) => Array.from({ length: count }, value);
  const rounds = 1000;
  let called = 0;
  for (let round = 0; round < rounds; round += 1) {
    const found = drift(placedAs([repeats(3), repeats(5), repeats(4)]));
    if (found !== null && Math.abs(found.share) > found.noise) called += 1;
  }
  // Four standard errors of a share of 0.05 over 1000 rounds.
  expect(Math.abs(called / rounds - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / rounds));
});
