import { EXIT, type ExitCode } from '../../errors/refusal.ts';
import { modeById } from '../../modes/index.ts';
import { buildPlan } from '../../plan/build.ts';
import { notOnThisHost } from '../../plan/impossible.ts';
import { type RemainingLaunch, remaining } from '../../plan/remaining.ts';
import { attemptDirectory, attemptName } from '../../run/layout.ts';
import { gatherFacts } from '../../run/prepare.ts';
import { type Plan, publicPlan } from '../../schema/plan.ts';
import type { Workload } from '../../schema/workload.ts';
import { type Definition, loadDefinition, stemOf } from '../load.ts';
import { factsOnMachine } from '../named-machine.ts';
import type { Shell } from '../shell.ts';
import { renderPlan } from '../views/plan.ts';
import { outputDirectory, pythonFor, toolsFor, workspaceOf } from '../workspace.ts';

export interface PlanOptions {
  readonly outputDir?: string;
  readonly python?: string;
  /** A machine type to plan for; without one, the devices of this host are known, and not held against the plan. */
  readonly hardware?: string;
  readonly maxJobs: number;
  readonly json?: boolean;
}

export async function planCommand(file: string, options: PlanOptions, shell: Shell): Promise<ExitCode> {
  return showPlan(loadDefinition(file, options.maxJobs, shell), options, shell);
}

/** Prints what a run would carry out: the plan of `run` itself, with the exact command lines. */
export async function showPlan(
  definition: Definition,
  options: Omit<PlanOptions, 'maxJobs'>,
  shell: Shell,
): Promise<ExitCode> {
  const { config } = definition;
  const workspace = workspaceOf(shell);
  const choice = await pythonFor(options.python ?? config.python, shell, workspace);
  const python = choice.kind === 'found' ? choice : null;
  const here = await gatherFacts({
    ...{ config, python, cwd: shell.cwd, env: shell.env, builtin: workspace.builtin },
    onlyToLook: true,
  });
  const facts = options.hardware === undefined ? here : factsOnMachine(here, options.hardware);
  // What does not fit a machine that was named is skipped with its reason, as it would be there.
  const plan = buildPlan(config, facts, { bindDevices: options.hardware !== undefined });
  const notes = hostNotes(plan, python === null);
  if (options.json) {
    shell.stdout.write(`${JSON.stringify(publicPlan({ ...plan, notes: [...plan.notes, ...notes] }))}\n`);
    return EXIT.ok;
  }
  const directory = outputDirectory(options.outputDir, config, stemOf(definition.file), shell);
  const tools = toolsFor(python?.path ?? 'python3', shell, workspace);
  const items = remaining(plan, []);
  const number = new Map(items.map((item, index) => [item, index + 1]));
  const commandOf = (item: RemainingLaunch) => {
    const folder = attemptDirectory(directory, attemptName(number.get(item) ?? 0, item.launch.name));
    return modeById(item.launch.jobs[0]?.mode ?? '').command(item.launch, item.wanted, folder, tools, facts);
  };
  shell.stdout.write(renderPlan(plan, commandOf, items));
  for (const note of notes) shell.stdout.write(`note: ${note}\n`);
  return EXIT.ok;
}

/** What would keep this host from running the plan, said without holding it against the plan. */
function hostNotes(plan: Plan, noPython: boolean): string[] {
  const reasons = new Set(
    plan.launches.flatMap(({ engine, jobs }) => {
      const [longest] = jobs.map(({ workload }) => workload).toSorted((a, b) => tokensOf(b) - tokensOf(a));
      return longest === undefined ? [] : (notOnThisHost({ engine, workload: longest }, plan.facts) ?? []);
    }),
  );
  return [
    ...(noPython ? ['no Python with vLLM was found here; the newest vLLM is assumed (orchestrate doctor)'] : []),
    ...[...reasons].map((reason) => `not on this host: ${reason}`),
  ];
}

function tokensOf({ prompt_len, output_len }: Workload): number {
  return prompt_len + output_len;
}
