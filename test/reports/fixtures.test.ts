import { expect, test } from 'vitest';
import { fixture } from './fixtures.ts';
import { summaries } from './make-summaries.ts';

test.each(['small', 'precision', 'repeats', 'sixty'] as const)('%s.json is what make-summaries.ts makes', (name) => {
  expect(fixture(name)).toEqual(summaries()[name]);
});
