import { expect, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';

const reasons = [{ code: 'a', message: 'b' }];
const valid = { state: 'valid', reasons: [] } as const;
const incomplete = { state: 'valid', reasons } as const;
const failed = { state: 'failed', reasons } as const;
const invalid = { state: 'invalid', reasons } as const;
const skipped = { state: 'skipped', reasons } as const;
const notRun = { state: 'not-run', reasons } as const;

// 129, 130 and 143 come before 4, 4 before 3, 3 before 0.
test.each([
  { what: 'all valid', records: [valid, valid], by: null, code: 0 },
  { what: 'one lacks samples', records: [valid, incomplete], by: null, code: 3 },
  { what: 'one failed', records: [valid, failed], by: null, code: 3 },
  { what: 'one is invalid', records: [invalid, valid], by: null, code: 3 },
  { what: 'one was skipped', records: [valid, skipped], by: null, code: 3 },
  { what: 'one was not run', records: [valid, notRun], by: null, code: 3 },
  { what: 'one lacks samples, and the others failed', records: [failed, incomplete], by: null, code: 3 },
  { what: 'nothing is usable', records: [failed, invalid, skipped, notRun], by: null, code: 4 },
  { what: 'interrupted when all was valid', records: [valid], by: 'SIGINT', code: 130 },
  { what: 'interrupted, and one failed', records: [valid, failed], by: 'SIGTERM', code: 143 },
  { what: 'interrupted, and nothing is usable', records: [notRun, failed], by: 'SIGHUP', code: 129 },
])('$what: $code', ({ records, by, code }) => {
  expect(exitCodeOf(records, by)).toBe(code);
});
