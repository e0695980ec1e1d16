import type { RecordState } from '../src/schema/record.ts';
import type { ReportRow } from './report-row.ts';

/** How the table and the charts call a state. */
export const STATE_WORDS = {
  valid: 'valid',
  invalid: 'invalid',
  failed: 'failed',
  skipped: 'skipped',
  'not-run': 'not run',
} as const satisfies Record<RecordState, string>;

/**
 * `12 points: 10 valid, 1 failed, 1 invalid (of the valid 2 noted)`; with runs that asked for the same point:
 * `1 point (14 runs, equal ones merged): 1 valid`.
 */
export function countStates(rows: readonly Counted[]): string {
  const words = Object.entries(STATE_WORDS).map(([state, word]) => [countOf(rows, state), word] as const);
  const valid = rows.filter((row) => row.state === 'valid');
  // A valid point is not always a plain pass.
  const remarks = [
    [valid.filter((row) => row.notes.length > 0).length, 'noted'],
    [valid.filter((row) => row.reasons.length > 0).length, 'incomplete'],
  ] as const;
  const runs = rows.reduce((sum, row) => sum + 1 + row.also_named.length, 0);
  const merged = runs === rows.length ? '' : ` (${runs} runs, equal ones merged)`;
  const remarked = listed(remarks);
  const points = `${rows.length} ${rows.length === 1 ? 'point' : 'points'}${merged}: ${listed(words)}`;
  return remarked === '' ? points : `${points} (of the valid ${remarked})`;
}

type Counted = Pick<ReportRow, 'state' | 'notes' | 'reasons' | 'also_named'>;

function countOf(rows: readonly Counted[], state: string): number {
  return rows.filter((row) => row.state === state).length;
}

function listed(counts: readonly (readonly [count: number, word: string])[]): string {
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}
