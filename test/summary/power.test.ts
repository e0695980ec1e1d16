import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { energyOf } from '../../src/summary/power.ts';
import { at, powered } from './telemetry-lines.ts';

/** Whole seconds from 10 on, so that floating point is exact in these sums. */
const FROM_10_TO_14 = { from_unix_s: 10, to_unix_s: 14 };

describe('energy', () => {
  test('is the area under straight lines from sample to sample', () => {
    // (100+200)/2 + (200+400)/2 + (400+400)/2 + (400+0)/2
    const lines = powered([10, 100], [11, 200], [12, 400], [13, 400], [14, 0]);
    expect(energyOf(lines, FROM_10_TO_14)).toBe(150 + 300 + 400 + 200);
  });

  test('begins on the line between the samples before and behind the beginning', () => {
    // At 10 it is 250, half way from 200 at 9 to 300 at 11: (250+300)/2 x 1, then 300 x 3.
    const lines = powered([9, 200], [11, 300], [12, 300], [13, 300], [14, 300]);
    expect(energyOf(lines, FROM_10_TO_14)).toBe(275 + 900);
  });

  test('without a sample before it, begins with the power of the first one', () => {
    expect(energyOf(powered([11, 300], [12, 300], [14, 300]), FROM_10_TO_14)).toBe(1200);
  });

  test('a sample long before it says nothing of the beginning', () => {
    expect(energyOf(powered([0, 100], [11, 300], [12, 300], [14, 300]), FROM_10_TO_14)).toBe(1200);
  });

  test('ends with the power of the last sample in the window, whatever comes behind', () => {
    // 100 until 12, then 100 -> 200 until 13, then 200: 200 + 150 + 200.
    const lines = powered([10, 100], [12, 100], [13, 200]);
    expect(energyOf(lines, FROM_10_TO_14)).toBe(550);
    expect(energyOf([...lines, ...powered([14.5, 9000])], FROM_10_TO_14)).toBe(550);
  });

  test('is that of all devices together', () => {
    expect(energyOf(powered([10, 100, 50], [12, 100, 50], [14, 100, 50]), FROM_10_TO_14)).toBe(600);
  });

  test('is not known when a device never tells its power', () => {
    expect(energyOf(powered([10, 100, null], [12, 100, null], [14, 100, null]), FROM_10_TO_14)).toBeNull();
  });

  test('is not known when a device that was asked for never has a row', () => {
    const lines = powered([10, 100], [12, 100], [14, 100]);
    expect(energyOf(lines, FROM_10_TO_14, ['0'])).toBe(400);
    expect(energyOf(lines, FROM_10_TO_14, ['0', '1'])).toBeNull();
    // Rows have numbers, whatever was asked for.
    expect(energyOf(lines, FROM_10_TO_14, ['GPU-5a'])).toBe(400);
    expect(energyOf(lines, FROM_10_TO_14, ['GPU-5a', 'GPU-5b'])).toBeNull();
  });

  test('a sample in which a device is missing is passed over, and is no smaller sum', () => {
    const lines = powered([10, 100, 50], [11, 100, null], [12, 100], [14, 100, 50]);
    expect(energyOf(lines, FROM_10_TO_14)).toBe(600);
    expect(energyOf([...lines.slice(0, 3), at(14)], FROM_10_TO_14)).toBeNull();
  });

  test('is not known from fewer than two samples in the window, nor over more than 10 s of silence', () => {
    expect(energyOf(powered([9, 100], [11, 100]), FROM_10_TO_14)).toBeNull();
    expect(energyOf([], FROM_10_TO_14)).toBeNull();
    const silent = { from_unix_s: 10, to_unix_s: 30 };
    expect(energyOf(powered([10, 100], [20, 100], [30, 100]), silent)).toBe(2000);
    expect(energyOf(powered([10, 100], [19, 100], [30, 100]), silent)).toBeNull();
    expect(energyOf(powered([10, 100], [19, 100]), silent)).toBeNull();
  });

  test('lies between least and most power times the time, and is the sum of its parts', () => {
    const watts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(watts, fc.integer({ min: 2, max: 6 }), (values, middle) => {
        const lines = powered(...values.map((one, second) => [second, one] as const));
        const energy = (from_unix_s: number, to_unix_s: number) =>
          energyOf(lines, { from_unix_s, to_unix_s }) ?? Number.NaN;
        expect(energy(0, 8)).toBeGreaterThanOrEqual(8 * Math.min(...values));
        expect(energy(0, 8)).toBeLessThanOrEqual(8 * Math.max(...values));
        expect(energy(0, middle) + energy(middle, 8)).toBeCloseTo(energy(0, 8), 6);
      }),
    );
  });
});
