import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { attestationPage } from '../../scripts/pages/attestation.ts';
import { attest, CHECKS } from '../../src/summary/attest.ts';
import { captured } from '../fixtures/captured.ts';

test('docs/attestation.md is what `npm run pages` writes', () => {
  const page = readFileSync(new URL('../../docs/attestation.md', import.meta.url), 'utf8');
  expect(page).toBe(attestationPage(CHECKS));
});

test('every check has a row of four cells, and a bar in a text does not end one', () => {
  const rows = attestationPage([
    { id: 'a-b', compares: 'x | y', tolerance: 'none', stands_for: 'a failure', wrong: () => null },
  ]).split('\n');
  expect(rows).toContain('| `a-b` | x \\| y | none | a failure |');
  expect(attestationPage(CHECKS).match(/^\| `[a-z0-9-]+` \|/gm)).toHaveLength(CHECKS.length);
});

test('a check is in the table or it is not run', () => {
  const [first] = captured('reported-nvfp4_per_token');
  if (first === undefined) throw new Error('no measurement');
  expect(attest(first.asked, first.measured).map(({ code }) => code)).toEqual([
    'weights-not-quantized',
    'weights-memory',
  ]);
});
