import type { Wanted } from '../modes/mode.ts';
import type { Launch } from '../schema/plan.ts';
import type { Reason } from '../schema/record.ts';
import type { RunContext } from './context.ts';

/** Writes down that measurements are not attempted, and why; a later run tries them again. */
export function leaveOut(items: readonly Wanted[], reason: Reason, launch: Launch, context: RunContext): void {
  if (items.length === 0) return;
  const { id, start } = launch;
  context.journal.append({
    event: 'measurements_skipped',
    at: context.now().toISOString(),
    ...{ launch: id, start, class: reason.code, reason: reason.message },
    measurements: items.map(({ job, repeat }) => ({ job: job.id, repeat })),
  });
  for (const { job, repeat } of items) {
    context.ledger.failed(job.id, { start, repeat, reason, skipped: true }, null);
    context.recordChanged(job.id);
    const told = { attempt: id, job, repeat, reason: reason.message, skipped: true };
    context.notify({ kind: 'measurement-failed', ...told });
  }
}
