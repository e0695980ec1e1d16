import type { Notice } from '../../run/notice.ts';
import { counted } from './words.ts';

export type Failure = Extract<Notice, { kind: 'measurement-failed' }>;

/** Whether two failures are one event: an engine that dies takes everything with it that was still to be measured. */
export function isSameEvent(a: Failure, b: Failure): boolean {
  return a.attempt === b.attempt && a.reason === b.reason;
}

/** One event in a line a point: `failed a, 5 repeats: the engine ended`; with `until` not all would have been made. */
export function failureSentences(failures: readonly Failure[]): string[] {
  return [...Map.groupBy(failures, ({ job }) => job.id).values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { job, repeat, reason } = first;
    if (others.length === 0) return [`failed ${job.run_name} repeat ${repeat + 1}: ${reason}`];
    const count = counted(1 + others.length, 'repeat');
    return [`failed ${job.run_name}, ${job.until === null ? '' : 'up to '}${count}: ${reason}`];
  });
}
