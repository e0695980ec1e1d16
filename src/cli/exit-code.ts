import { EXIT, type ExitCode } from '../errors/refusal.ts';
import type { RecordState } from '../schema/record.ts';
import { SIGNAL_EXIT, type StopSignal } from './shell.ts';

/**
 * The exit code of a run that came to its end: interrupted > nothing usable > some not valid > all valid. A refusal
 * (2, 5) or a fault of our own (70) is thrown, and never comes to an end.
 */
export function exitCodeOf(
  records: readonly { readonly state: RecordState; readonly reasons: readonly unknown[] }[],
  interruptedBy: string | null,
): ExitCode {
  if (interruptedBy !== null) return SIGNAL_EXIT[interruptedBy as StopSignal] ?? SIGNAL_EXIT.SIGTERM;
  if (records.every(({ state, reasons }) => state === 'valid' && reasons.length === 0)) return EXIT.ok;
  return records.some(({ state }) => state === 'valid') ? EXIT.someFailed : EXIT.nothingUsable;
}
