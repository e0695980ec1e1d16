import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { readEvents } from '../../journal/journal.ts';
import { collect } from '../../run/collect.ts';
import { LAYOUT } from '../../run/layout.ts';
import { writeRecords, writeReports } from '../../run/outputs.ts';
import { Environment } from '../../schema/environment.ts';
import { Plan } from '../../schema/plan.ts';
import type { Shell } from '../shell.ts';
import { resultText } from '../views/closing.ts';
import { workspaceOf } from '../workspace.ts';

/** Makes every report of a run again from the plan, the journal and the evidence; needs neither Python nor devices. */
export async function reportCommand(name: string, options: { json?: boolean }, shell: Shell): Promise<ExitCode> {
  const directory = resolve(shell.cwd, name);
  if (!existsSync(join(directory, LAYOUT.plan))) {
    throw new Refusal(
      'usage',
      `${name} is no output directory of a run: it has no ${LAYOUT.plan}`,
      'give the folder that a run wrote to',
    );
  }
  const plan = read(join(directory, LAYOUT.plan), Plan);
  const environmentFile = join(directory, LAYOUT.environment);
  const environment = existsSync(environmentFile) ? read(environmentFile, Environment) : null;
  const ledger = collect(plan, directory, readEvents(directory).events);
  const summary = ledger.summary(environment);
  await writeRecords(directory, summary.records);
  const written = await writeReports(directory, summary, workspaceOf(shell).fontDir, 'all');
  const people = options.json ? shell.stderr : shell.stdout;
  people.write(resultText(summary, people, shell.env));
  for (const note of ledger.notes) people.write(`note: ${note}\n`);
  people.write(`written:\n${written.map((path) => `  ${path}\n`).join('')}`);
  if (options.json) shell.stdout.write(`${JSON.stringify(summary)}\n`);
  return EXIT.ok;
}

function read<T extends z.ZodType>(path: string, schema: T): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Refusal('host', `${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  throw new Refusal('host', `${path} is not what this version writes (${first?.path.join('.')}: ${first?.message})`);
}
