import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { fileNames } from '../../../reports/file-names.ts';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { buildPlan } from '../../plan/build.ts';
import { checkHost, gatherFacts, makeWritable } from '../../run/prepare.ts';
import { jobsOf } from '../../schema/plan.ts';
import type { Workload } from '../../schema/workload.ts';
import { loadDefinition } from '../load.ts';
import { readyModels, readyPython } from '../ready.ts';
import type { Shell } from '../shell.ts';
import { outputDirectory, pythonFor, toolsFor, workspaceOf } from '../workspace.ts';

export interface DatasetOptions {
  readonly outputDir?: string;
  readonly python?: string;
  readonly numPrompts?: number;
  readonly seed?: number;
  readonly maxJobs: number;
}

/** The original's seed for pre-generated prompts. */
const SEED = 420;
const NUM_PROMPTS = 1000;

/** Writes the prompts of every workload and model: `<model>/inlen<I>_outlen<O>_prefixlen<P>.json`. */
export async function datasetsCommand(file: string, options: DatasetOptions, shell: Shell): Promise<ExitCode> {
  const { config } = loadDefinition(file, options.maxJobs, shell);
  const workspace = workspaceOf(shell);
  const directory = outputDirectory(options.outputDir ?? 'datasets', null, 'datasets', shell);
  checkHost(config, shell.cwd, workspace.builtin);
  const choice = await pythonFor(options.python ?? config.python, shell, workspace);
  makeWritable(directory);
  const python = await readyPython(choice, shell, workspace);
  await readyModels(config, python, shell, workspace);
  const facts = await gatherFacts({
    ...{ config, python, cwd: shell.cwd, env: shell.env, builtin: workspace.builtin },
    onlyToLook: true,
  });
  const jobs = jobsOf(buildPlan(config, facts, { bindDevices: false }));
  const models = [...new Set(jobs.map(({ launch }) => launch.engine.model))];
  const folders = fileNames(models);
  const tools = toolsFor(python.path, shell, workspace);
  for (const model of models) {
    const wanted = jobs.filter(({ launch }) => launch.engine.model === model).map(({ job }) => job.workload);
    const specs = uniqueBy(
      wanted.map((workload) => datasetOf(workload, options)),
      ({ path }) => path,
    );
    const folder = join(directory, folders.get(model) ?? 'model');
    mkdirSync(folder, { recursive: true });
    await generate(
      specs.map((spec) => ({ ...spec, path: join(folder, spec.path) })),
      tools.modelPath(model),
    );
  }
  return EXIT.ok;

  async function generate(specs: readonly object[], model: string): Promise<void> {
    const scratch = mkdtempSync(join(tmpdir(), 'orchestrate-datasets-'));
    try {
      const list = join(scratch, 'jobs.json');
      writeFileSync(list, JSON.stringify(specs));
      const args = [tools.driver('datasets.py'), '--jobs', list, '--model', model];
      const env = { ...shell.env, ...python.env } as Record<string, string>;
      const result = await execa(python.path, args, { env, extendEnv: false, stdin: 'ignore', reject: false });
      if (result.exitCode !== 0)
        throw new Refusal('host', `the prompts of ${model} could not be made\n  ${lastLines(result.stderr)}`);
      shell.stdout.write(result.stdout === '' ? '' : `${result.stdout}\n`);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
}

function datasetOf(workload: Workload, { numPrompts = NUM_PROMPTS, seed = SEED }: DatasetOptions) {
  const { input_len, output_len, prefix_len, prompt_len, shared_len, num_prefixes } = workload;
  // The original's name; a part more where two workloads would otherwise have one.
  const more = `${num_prefixes > 1 ? `_numprefixes${num_prefixes}` : ''}${workload.prefix_mode === 'additive' && prefix_len > 0 ? '_additive' : ''}`;
  const path = `inlen${input_len}_outlen${output_len}_prefixlen${prefix_len}${more}.json`;
  return {
    path,
    input_len,
    output_len,
    prefix_len,
    prompt_len,
    shared_len,
    num_prefixes,
    num_prompts: numPrompts,
    seed,
  };
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n  ');
}
