import { z } from 'zod';
import { Environment } from './environment.ts';
import { JobRecord } from './record.ts';

/** What can honestly be said from the records: the one input of every report. */
export const Summary = z.strictObject({
  schema: z.literal(1),
  records: z.array(JobRecord),
  environment: Environment.nullable(),
});
export type Summary = z.output<typeof Summary>;
