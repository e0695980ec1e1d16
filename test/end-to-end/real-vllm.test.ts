import { describe, expect, test } from 'vitest';
import { attestedRuns } from './attested.ts';
import { interruptedRuns } from './interrupted.ts';
import { onePoint } from './one-point.ts';
import { otherCommands } from './other-commands.ts';
import { noVllm } from './program.ts';

const missing = await noVllm();
// An engine starts in 15 s on a quiet machine and in two minutes on one that is busy; some tests start two.
// A busy machine once held a signal back for seconds: a stall gets a second chance, a defect fails twice.
const OPTIONS = { timeout: 600_000, retry: 1 };

/** One file for all of them: two engines at once would take each other's time and memory. */
describe.skipIf(missing !== null)(
  `the built command on real vLLM${missing === null ? '' : ` (${missing})`}`,
  OPTIONS,
  () => {
    onePoint();
    otherCommands();
    attestedRuns();
    interruptedRuns();
  },
);

// Not `runIf`: under CI a test that is skipped is a failure.
if (missing !== null && process.env['CI'] === 'true') {
  test('under CI there is a vLLM', () => {
    expect(missing).toBeNull();
  });
}
