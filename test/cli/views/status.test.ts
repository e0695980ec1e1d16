import { expect, test } from 'vitest';
import { statusText } from '../../../src/cli/views/status.ts';
import type { RunStatus } from '../../../src/run/status.ts';
import { FAILURE_CLASSES } from '../../../src/schema/failure-class.ts';

const at = '2026-11-22T09:00:00.000Z';
const status: RunStatus = {
  ...{ schema: 1, state: 'stopped', orchestrator: null, started_at: at, last_event_at: at, interrupted_by: null },
  points: { planned: 1, cannot_be_measured: 0 },
  measurements: { asked: 1, at_most: false, measured: 0, invalid: 0, failed: 1, left_out: 0, left: 0 },
  ...{ open_attempts: [], last_failure: null, seconds_left: null, typed: null },
};

const { happened, remedy } = FAILURE_CLASSES['engine-died'];
test.each([
  { reason: `${happened} (it was ended by SIGKILL); dmesg says whether`, says: false },
  { reason: `${happened} (it exited with 1); ${remedy}`, says: false },
  { reason: 'something else', says: true },
])('the last failure "$reason" needs what its class says to do: $says', ({ reason, says }) => {
  const last_failure = { at, run_name: 'a', class: 'engine-died', reason, happened, remedy };
  const again = { onlyMissing: 'orchestrate a.yaml', remeasuring: '' };
  const text = statusText({ ...status, last_failure }, { name: 'a', again, now: new Date(at) });
  expect(text).toContain(`last failure, 0 s ago: a (engine-died): ${reason}\n`);
  expect(text.includes(`  to do: ${remedy}\n`)).toBe(says);
});
