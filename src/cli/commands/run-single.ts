import { join } from 'shlex';
import { stringify } from 'yaml';
import { liftWords } from '../../config/args.ts';
import { loadConfig } from '../../config/load.ts';
import { type ExitCode, Refusal } from '../../errors/refusal.ts';
import { MODE_IDS } from '../../modes/index.ts';
import { renderProblems } from '../load.ts';
import type { Shell } from '../shell.ts';
import { carryOut, type RunOptions } from './run.ts';

export interface RunSingleOptions extends Omit<RunOptions, 'maxJobs'> {
  readonly runName: string;
  readonly gpuIds?: string;
}

/** One point from flags: written as a run definition of one run, so that it is checked and measured like any other. */
export async function runSingleCommand(
  flags: readonly string[],
  options: RunSingleOptions,
  shell: Shell,
): Promise<ExitCode> {
  const { problems } = liftWords(flags);
  if (problems.length > 0) {
    throw new Refusal(
      'usage',
      problems
        .map(({ message, hint }) => message.replace(/^args: /, '') + (hint === null ? '' : ` (${hint})`))
        .join('\n  '),
    );
  }
  const text = stringify(
    { standalone_runs: [{ name: options.runName, mode: 'vllm_throughput', args: join(flags) }] },
    { lineWidth: 0 },
  );
  const loaded = loadConfig(text, { modes: MODE_IDS, maxJobs: 1 });
  if ('problems' in loaded) throw new Refusal('usage', renderProblems(loaded.problems, text, 'run-single'));
  const env = options.gpuIds === undefined ? shell.env : { ...shell.env, CUDA_VISIBLE_DEVICES: options.gpuIds };
  return carryOut({ file: `${options.runName}.yaml`, text, config: loaded.config }, options, { ...shell, env });
}
