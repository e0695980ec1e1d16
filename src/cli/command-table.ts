import { Command } from 'commander';
import type { ExitCode } from '../errors/refusal.ts';
import { COMPLETION_EXAMPLE, EXAMPLES, RUN_EXAMPLES } from './help-texts.ts';
import { count, json, maxJobs, outputDir, python, remeasureInvalid, seconds } from './options.ts';
import type { Shell } from './shell.ts';
import { packageVersion } from './version.ts';

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
    .addOption(remeasureInvalid())
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
    .option('--hardware <type>', 'plan for a machine of this type instead of this host, such as a4-highgpu-8g')
    .addOption(maxJobs())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  orchestrate plan runs/ironwood.yaml --hardware tpu7x-standard-4t')
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
    .addOption(remeasureInvalid())
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
    .command('status')
    .summary('how far a run is, from another terminal')
    .description(
      'Tells whether a run goes on, was stopped or is finished, what is measured, failed and left, what runs now, and how\n' +
        'to go on. Only reads, so it can be asked at any time; --json is described in docs/output.md.',
    )
    .argument('<dir>', 'output directory of a run')
    .option('--watch', 'show it again and again until nothing runs any more')
    .addOption(json())
    .addHelpText('after', '\nExample:\n  orchestrate status results/quickstart')
    .action(async (directory, options) =>
      done(await (await import('./commands/status.ts')).statusCommand(directory, options, shell)),
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
    .command('explain')
    .summary('what a metric means, where it is written, and what others call it')
    .description('Explains a metric, a key of our files, or the name of another tool; without one, lists the metrics.')
    .argument('[metric]', 'ttft_s, ttft_s_p99, p99_tpot_tokens_per_s, inter_token_latency, tput_per_gpu, ...')
    .addOption(json())
    .addHelpText('after', '\nExample:\n  orchestrate explain tput_per_gpu')
    .action(async (metric, options) =>
      done(await (await import('./commands/explain.ts')).explainCommand(metric, options, shell)),
    );

  program
    .command('hardware')
    .summary('the table of accelerators that limits are computed from, and which one this host has')
    .description('Prints memory, bandwidth and peak FLOP/s of each known accelerator, with the source of every figure.')
    .argument('[file]', 'run definition (YAML) whose accelerators come first')
    .addOption(maxJobs())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  orchestrate hardware')
    .action(async (file, options) =>
      done(await (await import('./commands/hardware.ts')).hardwareCommand(file, options, shell)),
    );

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
