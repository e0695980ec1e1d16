import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { EXIT, type ExitCode, Refusal } from '../errors/refusal.ts';
import { buildProgram } from './command-table.ts';
import { COMPLETION_EXAMPLE } from './help-texts.ts';
import type { Shell } from './shell.ts';

/** Parses the command line, runs one command, and gives the exit code. The one place that catches. */
export async function main(shell: Shell): Promise<ExitCode> {
  const { argv } = shell;
  let code: ExitCode = EXIT.ok;
  const program = buildProgram(shell, (exitCode) => {
    code = exitCode;
  });
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return EXIT.usage;
  }
  try {
    refuseMisspelt(argv[0] ?? '', program, shell);
    if (argv[0] === 'completion' || argv[0] === 'complete') await addCompletion(program);
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, shell);
  }
}

/** `orchestrate plna x.yaml` would be a run of the file `plna`: the default command takes any word for a file. */
function refuseMisspelt(word: string, program: Command, { cwd }: Shell): void {
  const names = program.commands.map((command) => command.name());
  if (names.includes(word) || !/^[a-z-]+$/.test(word) || word.startsWith('-') || existsSync(resolve(cwd, word))) return;
  const near = closest(word, names);
  if (distance(word, near) > 2) return;
  throw new Refusal('usage', `there is no command and no file ${word}`, `did you mean: orchestrate ${near}?`);
}

/** Replaces the entry of the help by the real command, whose library no other command should load. */
async function addCompletion(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  const commands = program.commands as Command[];
  commands.splice(
    commands.findIndex((command) => command.name() === 'completion'),
    1,
  );
  tab(program, { completionCommandName: 'completion' });
  program.commands.find((command) => command.name() === 'completion')?.addHelpText('after', COMPLETION_EXAMPLE);
}

function report(error: unknown, shell: Shell): ExitCode {
  if (error instanceof CommanderError) {
    // --help and --version come this way too, with exit code 0; every other is wrong usage.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof Refusal) {
    shell.stderr.write(
      `orchestrate: ${error.message}\n${error.remedy === null ? '' : `  ${error.remedy.replaceAll('\n', '\n  ')}\n`}`,
    );
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  shell.stderr.write(
    `orchestrate: this is a fault in orchestrate itself; please report it with these lines\n${text}\n`,
  );
  return EXIT.internal;
}
