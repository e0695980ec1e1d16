import type { Notice } from '../../run/notice.ts';
import { counted } from './words.ts';

export type Failure = Extract<Notice, { kind: 'measurement-failed' }>;

/**
 * Whether two failures are one event: an engine that dies takes everything with it that was still to be measured, and a
 * failure that others would only repeat leaves them out together.
 */
export function isSameEvent(a: Failure, b: Failure): boolean {
  return a.skipped === b.skipped && a.reason === b.reason && (a.skipped || a.attempt === b.attempt);
}

/**
 * One event: a line a point (`failed a, 5 repeats: the engine ended`; with `until` not all would have been made), or one
 * for all that is left out.
 */
export function failureSentences(failures: readonly Failure[]): string[] {
  const [first] = failures;
  const points = [...Map.groupBy(failures, ({ job }) => job.id).values()];
  if (first?.skipped === true) {
    return [`left out ${points.length === 1 ? first.job.run_name : counted(points.length, 'point')}: ${first.reason}`];
  }
  return points.flatMap(([one, ...others]) => {
    if (one === undefined) return [];
    const { job, repeat, reason } = one;
    if (others.length === 0) return [`failed ${job.run_name} repeat ${repeat + 1}: ${reason}`];
    const count = counted(1 + others.length, 'repeat');
    return [`failed ${job.run_name}, ${job.until === null ? '' : 'up to '}${count}: ${reason}`];
  });
}
