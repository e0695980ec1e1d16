import type { RecordState } from '../src/schema/record.ts';

/** How the table and the charts call a state. */
export const STATE_WORDS = {
  valid: 'valid',
  invalid: 'invalid',
  failed: 'failed',
  skipped: 'skipped',
  'not-run': 'not run',
} as const satisfies Record<RecordState, string>;

/** `12 points: 10 valid, 1 failed, 1 invalid`. */
export function countStates(states: readonly RecordState[]): string {
  const counts = Object.entries(STATE_WORDS).map(([state, word]) => ({
    word,
    count: states.filter((one) => one === state).length,
  }));
  const words = counts.filter(({ count }) => count > 0).map(({ count, word }) => `${count} ${word}`);
  return `${states.length} ${states.length === 1 ? 'point' : 'points'}: ${words.join(', ')}`;
}
