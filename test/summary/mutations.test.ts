import { expect, test } from 'vitest';
import { attest, CHECKS } from '../../src/summary/attest.ts';
import { type Captured, captured } from '../fixtures/captured.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';

test.each(MUTATIONS)('$flips, and no other: $says', (mutation) => {
  const { asked, measured } = baseOf(mutation);
  expect(attest(asked, measured)).toEqual([]);
  const { change = (all) => all, changeAsked = (all) => all } = mutation;
  const found = attest(changeAsked(asked), change(measured));
  expect(found).toEqual([{ code: mutation.flips, message: expect.stringContaining(mutation.says) }]);
});

test('every row of the table has a mutation, and every mutation a row: a row that is deleted is missed', () => {
  const flipped = new Set(MUTATIONS.map(({ flips }) => flips));
  expect(CHECKS.map(({ id }) => id).toSorted()).toEqual([...flipped].toSorted());
});

function baseOf({ run, given = (asked) => asked }: Mutation): Pick<Captured, 'asked' | 'measured'> {
  const [first] = captured(run);
  if (first === undefined) throw new Error(`${run} has no measurement`);
  return { asked: given(first.asked), measured: first.measured };
}
