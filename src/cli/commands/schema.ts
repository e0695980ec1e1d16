import { z } from 'zod';
import { WrittenConfig } from '../../config/written.ts';
import { EXIT, type ExitCode } from '../../errors/refusal.ts';
import type { Shell } from '../shell.ts';

/** The schema that an editor completes and checks run definitions with. */
export async function schemaCommand(shell: Shell): Promise<ExitCode> {
  const schema = z.toJSONSchema(WrittenConfig, { target: 'draft-7', io: 'input' });
  shell.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return EXIT.ok;
}
