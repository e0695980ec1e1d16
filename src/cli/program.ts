import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { EXIT, type ExitCode, Refusal } from '../errors/refusal.ts';
import type { Shell } from './shell.ts';
import { packageVersion } from './version.ts';

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

/** The command tree; actions load their code when they run, so that --help is fast. */
export function buildProgram(shell: Shell, done: (code: ExitCode) => void): Command {
  const program = new Command('orchestrate')
    .description(
      'Sweeps of vLLM benchmarks on real hardware: the model is loaded once for all points that can share an engine,\n' +
        'every number is checked against the workload that was asked for, and nothing that was measured is lost.',
    )
    .version(packageVersion(), '-V, --version')
    .configureOutput({ writeOut: (text) => shell.stdout.write(text), writeErr: (text) => shell.stderr.write(text) })
    .exitOverride()
    .showHelpAfterError('(orchestrate --help lists the commands, orchestrate <command> --help its options)')
    .addHelpText('after', EXAMPLES);

  program
    .command('run', { isDefault: true })
    .summary('measure a run definition (the default command)')
    .description(
      'Measures every point of a run definition. The same command on the same directory goes on where it stopped.',
    )
    .argument('<file>', 'run definition (YAML)')
    .addOption(outputDir('results/<name of the file>'))
    .addOption(python())
    .option('--max-retries <n>', 'attempts after a failure that may pass, such as an NVLink error (default: 1)', count)
    .option('--retry-delay <seconds>', 'pause before such an attempt (default: 10)', seconds)
    .option('--prompt-for-confirmation', 'show the plan and ask before anything is started')
    .option('--strict', 'refuse the whole run when one point cannot be measured')
    .addOption(maxJobs())
    .option('--dry-run', 'print the plan and start nothing')
    .addOption(json())
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (file, options) => done(await (await import('./commands/run.ts')).runCommand(file, options, shell)));

  program
    .command('plan')
    .summary('print the launches, their jobs and exact command lines')
    .description(
      'Prints what a run would do, and starts nothing. Whether the devices of this host suffice is not held against it.',
    )
    .argument('<file>', 'run definition (YAML)')
    .addOption(outputDir('results/<name of the file>'))
    .addOption(python())
    .addOption(maxJobs())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  orchestrate plan runs/ironwood.yaml')
    .action(async (file, options) =>
      done(await (await import('./commands/plan.ts')).planCommand(file, options, shell)),
    );

  program
    .command('validate')
    .summary('check a run definition and name every problem')
    .argument('<file...>', 'run definitions (YAML)')
    .addOption(maxJobs())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  orchestrate validate runs/*.yaml')
    .action(async (files, options) =>
      done(await (await import('./commands/validate.ts')).validateCommand(files, options, shell)),
    );

  program
    .command('run-single')
    .summary('measure one point from vLLM flags')
    .description('Measures one point that is written as flags of `vllm bench throughput`, with all the care of a run.')
    .option('--run-name <name>', 'name of the point', 'single')
    .addOption(outputDir('results/<run name>'))
    .option('--gpu-ids <list>', 'devices to use, such as 0,1 (CUDA_VISIBLE_DEVICES)')
    .addOption(python())
    .option('--max-retries <n>', 'attempts after a failure that may pass (default: 1)', count)
    .option('--retry-delay <seconds>', 'pause before such an attempt (default: 10)', seconds)
    .option('--dry-run', 'print the plan and start nothing')
    .addOption(json())
    .argument('<flags...>', 'flags of vllm bench throughput, after --')
    .addHelpText(
      'after',
      '\nExample:\n  orchestrate run-single -- --model builtin:tiny-llama --enforce-eager --input-len 128 --output-len 32 --num-prompts 32',
    )
    .action(async (flags, options) =>
      done(await (await import('./commands/run-single.ts')).runSingleCommand(flags, options, shell)),
    );

  program
    .command('datasets')
    .summary('write the prompts of a run definition to files')
    .description(
      'Writes the prompts of every workload of a run definition, made from a seed, one JSON file a workload.',
    )
    .argument('<file>', 'run definition (YAML)')
    .addOption(outputDir('datasets'))
    .addOption(python())
    .option('--num-prompts <n>', 'prompts a file (default: 1000)', count)
    .option('--seed <n>', 'seed of the prompts (default: 420)', count)
    .addOption(maxJobs())
    .addHelpText('after', '\nExample:\n  orchestrate datasets runs/quickstart.yaml --num-prompts 100')
    .action(async (file, options) =>
      done(await (await import('./commands/datasets.ts')).datasetsCommand(file, options, shell)),
    );

  program
    .command('visualize')
    .summary('draw the charts of a summary_report.json again')
    .argument('<file>', 'summary_report.json')
    .option('--output-dir <dir>', 'where the charts go (default: beside the file)')
    .addHelpText('after', '\nExample:\n  orchestrate visualize results/quickstart/summary_report.json')
    .action(async (file, options) =>
      done(await (await import('./commands/visualize.ts')).visualizeCommand(file, options, shell)),
    );

  program
    .command('report')
    .summary('make every report of a finished run again, from its files alone')
    .argument('<dir>', 'output directory of a run')
    .addOption(json())
    .addHelpText('after', '\nExample:\n  orchestrate report results/quickstart')
    .action(async (directory, options) =>
      done(await (await import('./commands/report.ts')).reportCommand(directory, options, shell)),
    );

  program
    .command('setup')
    .summary('install the CPU build of vLLM and make the tiny model')
    .option('--cpu', 'install the CPU build although this host has accelerators')
    .addHelpText('after', '\nExample:\n  orchestrate setup')
    .action(async (options) => done(await (await import('./commands/setup.ts')).setupCommand(options, shell)));

  program
    .command('doctor')
    .summary('what is here, what is missing, and the command that mends it')
    .addOption(python())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  orchestrate doctor')
    .action(async (options) => done(await (await import('./commands/doctor.ts')).doctorCommand(options, shell)));

  program
    .command('schema')
    .summary('print the JSON schema of a run definition, for editors')
    .addHelpText('after', '\nExample:\n  orchestrate schema > run.schema.json')
    .action(async () => done(await (await import('./commands/schema.ts')).schemaCommand(shell)));

  program
    .command('completion')
    .summary('print the completion script of a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', COMPLETION_EXAMPLE);

  for (const command of program.commands) {
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => shell.stdout.write(text), writeErr: (text) => shell.stderr.write(text) });
  }
  return program;
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

const COMPLETION_EXAMPLE = '\nExample:\n  source <(orchestrate completion bash)';

const EXAMPLES = `
Examples:
  orchestrate runs/quickstart.yaml            measure; the same command again goes on where it stopped
  orchestrate plan runs/ironwood.yaml         look at launches, points and command lines first
  orchestrate doctor                          see what this host has and lacks

Exit codes: 0 all valid, 1 a gate failed, 2 wrong usage or run definition, 3 some points failed, were skipped or are
invalid, 4 nothing usable, 5 this host refuses (Python, path, disk, devices), 129/130/143 interrupted, 70 our own fault.`;

const RUN_EXAMPLES = `
Examples:
  orchestrate standalone_runs.yaml
  orchestrate standalone_runs.yaml --output-dir /data/nightly --python ~/vllm/bin/python
  orchestrate standalone_runs.yaml --dry-run`;

const outputDir = (fallback: string) =>
  new Option('--output-dir <dir>', `where everything is written (default: ${fallback})`);
const python = () =>
  new Option('--python <path>', 'the Python whose vLLM is measured (default: the activated environment)');
const json = () => new Option('--json', 'machine-readable output on stdout; text for people goes to stderr');
const maxJobs = () => new Option('--max-jobs <n>', 'refuse a sweep of more points').default(100_000).argParser(count);

function count(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('expected a whole number of at least 0');
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('expected seconds, a number of at least 0');
  return value;
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
