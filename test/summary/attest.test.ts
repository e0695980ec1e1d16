import { expect, test } from 'vitest';
import type { MeasurementFile } from '../../src/schema/driver-protocol.ts';
import { CHECKS } from '../../src/summary/attest.ts';
import type { Asked } from '../../src/summary/check.ts';
import { sampleFromMeasurement } from '../../src/summary/sample.ts';
import { askedOf, askedWithPrefix, cleanFile, withCell } from './clean.ts';
import { printedOf } from './printed-lines.ts';

const WHERE = { start: 0, attempt: 'a', evidence: 'a/job-a.r0.json' };

/** The reasons of a measurement whose result lines are those of its file. */
function reasons(asked: Asked, file: MeasurementFile): { code: string; message: string }[] {
  return sampleFromMeasurement(file, asked, WHERE, printedOf(file)).invalid;
}

const withPrefix = askedWithPrefix();

test.each([
  askedOf(),
  withPrefix,
  askedWithPrefix({ prefix_state: 'cold' }),
  askedOf({ prefix_len: 96, shared_len: 96 }),
])('clean measurements stay clean', (asked) => {
  expect(reasons(asked, cleanFile(asked))).toEqual([]);
});

test('what an old vLLM does not tell is held against nobody', () => {
  const engineTellsNothing = Object.fromEntries(Object.keys(cleanFile().engine).map((key) => [key, null]));
  const untold = {
    ...cleanFile(withPrefix),
    cache_reset: null,
    engine: engineTellsNothing as MeasurementFile['engine'],
  };
  expect(reasons(withPrefix, untold)).toEqual([]);
  const noCounts = { ...untold, requests: { ...untold.requests, cached_tokens: [null, null, null, null] } };
  expect(reasons(withPrefix, noCounts)).toEqual([]);
});

test('timestamps that vLLM did not see are not out of order', () => {
  for (const unseen of [0, null]) {
    expect(reasons(askedOf(), withCell(cleanFile(), 'scheduled_ts', 0, unseen))).toEqual([]);
  }
});

test('a cold prefix may miss; a warm one at nine tenths of the bound may not', () => {
  const cold = askedWithPrefix({ prefix_state: 'cold' });
  const missed = (asked: Asked) => withCell(cleanFile(asked), 'cached_tokens', 2, 0);
  expect(reasons(cold, missed(cold))).toEqual([]);
  const edge = withCell(cleanFile(withPrefix), 'cached_tokens', 0, 64);
  expect(reasons(withPrefix, edge)).toEqual([]);
});

test('each row of the table tells what it is for, under its own id', () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  for (const check of CHECKS) {
    expect(check.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    for (const text of [check.compares, check.tolerance, check.stands_for]) expect(text.length).toBeGreaterThan(3);
  }
});
