import { createInterface, type Interface } from 'node:readline/promises';
import { Refusal } from '../../errors/refusal.ts';
import { measurementCount, type Plan } from '../../schema/plan.ts';
import type { Definition } from '../load.ts';
import { Interrupted, type Shell } from '../shell.ts';
import { counted } from '../views/words.ts';
import { showPlan } from './plan.ts';

/** Shows the plan and asks whether to start; refuses where nobody can be asked. */
export async function confirmed(
  plan: Plan,
  definition: Definition,
  options: { readonly json?: boolean; readonly python?: string; readonly outputDir?: string },
  shell: Shell,
): Promise<boolean> {
  if (shell.stdin.isTTY !== true)
    throw new Refusal(
      'usage',
      '--prompt-for-confirmation needs a terminal to ask at',
      'leave it out for an unattended run',
    );
  // With --json stdout is for machines, and this is for the person who is asked.
  const people = options.json ? { ...shell, stdout: shell.stderr } : shell;
  await showPlan(definition, { ...options, json: false }, people);
  const ask = createInterface({ input: shell.stdin, output: shell.stderr as NodeJS.WritableStream });
  const upTo = plan.launches.some(({ jobs }) => jobs.some(({ until }) => until !== null)) ? 'up to ' : '';
  const answer = await answerTo(ask, `Start ${upTo}${counted(measurementCount(plan), 'measurement')}? [y/N] `);
  return /^y(?:es)?$/i.test(answer.trim());
}

/** What is typed; nothing for an end of the input. Throws for Ctrl-C, which the terminal hands to us as a key here. */
async function answerTo(ask: Interface, question: string): Promise<string> {
  try {
    return await new Promise<string>((answered, interrupted) => {
      ask.on('SIGINT', () => interrupted(new Interrupted('SIGINT', 'nothing was started')));
      ask.on('close', () => answered(''));
      ask.question(question).then(answered, () => answered(''));
    });
  } finally {
    ask.close();
  }
}
