import { join } from 'node:path';
import { parseEngineLog } from '../../parsers/engine-log.ts';
import { describeOutcome, type Outcome } from '../schema/outcome.ts';
import type { Reason } from '../schema/record.ts';
import { linesOfEvidence } from './evidence.ts';

/**
 * Why an attempt did not finish its measurements. Codes: `retryable` (the source document's NVLink text: worth another
 * attempt), `fatal` (its `EngineCore failed to start.`), `timed-out`, `engine` (anything else).
 */
export function failureOf(folder: string, outcome: Outcome): Reason {
  const log = parseEngineLog({
    stdout: linesOfEvidence(join(folder, 'stdout.log')),
    stderr: linesOfEvidence(join(folder, 'stderr.log')),
  });
  const decisive = log.decisive_error?.text ?? null;
  const message =
    decisive === null
      ? `the engine ${describeOutcome(outcome)}`
      : `${decisive} (the engine ${describeOutcome(outcome)})`;
  if (outcome.kind === 'timed-out')
    return {
      code: 'timed-out',
      message: `no step may take longer than ${outcome.afterSeconds} s (timeout_minutes); this one did`,
    };
  if (log.nvlink_error !== null) return { code: 'retryable', message: log.nvlink_error.value.trim() };
  if (log.engine_failed_to_start !== null) return { code: 'fatal', message };
  return { code: 'engine', message };
}
