import type { Environment } from '../schema/environment.ts';
import type { JobRecord, RecordState } from '../schema/record.ts';
import type { Summary } from '../schema/summary.ts';
import { withFindings } from './findings.ts';

/** The records in the order of the plan, with notes on what is strange among them, and where they were measured. */
export function summaryOf(records: readonly JobRecord[], environment: Environment | null): Summary {
  return { schema: 1, records: withFindings(records), environment };
}

/** How many records are in each state. */
export function countStates(records: readonly JobRecord[]): { readonly [state in RecordState]: number } {
  const counts = { valid: 0, invalid: 0, failed: 0, skipped: 0, 'not-run': 0 };
  for (const { state } of records) counts[state] += 1;
  return counts;
}
