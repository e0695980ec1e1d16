import { expect, test } from 'vitest';
import { isSteady, variation } from '../../src/stats/steady.ts';
import { REFERENCE, read } from './reference.ts';

interface Case {
  readonly why: string;
  readonly values: readonly number[];
  readonly min_repeats: number;
  readonly cv: number;
  readonly steady: boolean;
}

// test/drivers/test_steady.py holds the driver against the same tables.
const { cases } = read('steady.json') as { readonly cases: readonly Case[] };

test.each(cases)('$why', ({ values, min_repeats, cv, steady }) => {
  expect(isSteady(values, min_repeats, cv)).toBe(steady);
});

test.each(REFERENCE.variations)('the last bit is that of the driver: $cv', ({ values, cv }) => {
  expect(variation(values)).toBe(cv);
  expect(variation(values.toReversed())).toBe(cv);
  expect(isSteady(values, 3, cv)).toBe(true);
  expect(isSteady(values, 3, cv * (1 - Number.EPSILON))).toBe(false);
});
