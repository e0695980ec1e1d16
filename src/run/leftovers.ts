import { sweepMarkers } from '../executors/sweep.ts';
import type { Journal } from '../journal/journal.ts';
import type { Notify } from './notice.ts';

/**
 * Ends what an orchestrator that was killed has left running: attempts of which the journal does not tell the end. True
 * when there are such.
 */
export async function endLeftovers({ events }: Journal, notify: Notify): Promise<boolean> {
  const open = new Map<string, string>();
  for (const event of events) {
    if (event.event === 'attempt_started') {
      const marker = markerOf(event.handle);
      if (marker !== null) open.set(event.attempt, marker);
    }
    if (event.event === 'attempt_ended') open.delete(event.attempt);
  }
  if (open.size === 0) return false;
  const { ended, leftBehind } = await sweepMarkers([...open.values()]);
  if (ended > 0) notify({ kind: 'note', text: `${ended} processes of an interrupted run were still there: ended` });
  for (const process of leftBehind)
    notify({ kind: 'note', text: `a process of an interrupted run would not end: ${process}` });
  return true;
}

function markerOf(handle: unknown): string | null {
  const marker = typeof handle === 'object' && handle !== null && 'marker' in handle ? handle.marker : null;
  return typeof marker === 'string' && marker !== '' ? marker : null;
}
