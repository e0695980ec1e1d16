import { DEVICE_SOURCES } from '../../devices/sources.ts';
import type { FoundPython, NoPython } from '../../environment/python.ts';
import { recordEnvironment } from '../../environment/record.ts';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { localExecutor } from '../../executors/local.ts';
import { buildPlan } from '../../plan/build.ts';
import { checkHost, gatherFacts, makeWritable } from '../../run/prepare.ts';
import { type RunResult, runPlan } from '../../run/run.ts';
import type { Facts } from '../../schema/facts.ts';
import type { Plan } from '../../schema/plan.ts';
import { countStates } from '../../summary/summary.ts';
import { relativePath, typedCommand, typedFor } from '../again.ts';
import { exitCodeOf } from '../exit-code.ts';
import { type Definition, loadDefinition, stemOf } from '../load.ts';
import { readyConfigs, readyModels, readyPython } from '../ready.ts';
import type { Shell } from '../shell.ts';
import { stopOnSignals } from '../stop.ts';
import { packageVersion } from '../version.ts';
import { closingLines, closingOf, resultText } from '../views/closing.ts';
import { runView } from '../views/run-view.ts';
import { outputDirectory, pythonFor, toolsFor, workspaceOf } from '../workspace.ts';
import { confirmed } from './confirm.ts';
import { showPlan } from './plan.ts';

export interface RunOptions {
  readonly outputDir?: string;
  readonly python?: string;
  readonly maxRetries?: number;
  readonly retryDelay?: number;
  readonly promptForConfirmation?: boolean;
  readonly strict?: boolean;
  readonly remeasureInvalid?: boolean;
  readonly maxJobs: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function runCommand(file: string, options: RunOptions, shell: Shell): Promise<ExitCode> {
  return carryOut(loadDefinition(file, options.maxJobs, shell), options, shell);
}

/** Plans a run definition for this host, and measures it. */
export async function carryOut(
  definition: Definition,
  options: Omit<RunOptions, 'maxJobs'>,
  shell: Shell,
): Promise<ExitCode> {
  if (options.dryRun) return showPlan(definition, options, shell);
  const { config } = definition;
  const workspace = workspaceOf(shell);
  const directory = outputDirectory(options.outputDir, config, stemOf(definition.file), shell);
  checkHost(config, shell.cwd, workspace.builtin);
  const choice = await pythonFor(options.python ?? config.python, shell, workspace);
  const undo = makeWritable(directory);
  const prepared = await prepare(choice, definition, options, shell).catch((error: unknown) => {
    undo();
    throw error;
  });
  if (prepared === null) {
    undo();
    return EXIT.ok;
  }
  const { python, facts, plan } = prepared;
  const version = packageVersion();
  const findings = { python: python.path, packages: python.probe.packages, cuda_version: python.probe.cuda_version };
  const environment = await recordEnvironment({ facts, findings, env: shell.env, now: shell.now(), version });
  const view = runView(shell, { json: options.json ?? false });
  const tools = toolsFor(python.path, shell, workspace);
  const stop = stopOnSignals(shell, (text) => view.note(text));
  try {
    const result = await runPlan({
      ...{ plan, directory, environment },
      definition: definition.text,
      executor: localExecutor({ keeper: { python: python.path, script: tools.driver('keeper.py') } }),
      tools,
      env: { ...defined(shell.env), ...python.env },
      sources: { ...DEVICE_SOURCES, env: shell.env },
      policy: {
        retries: options.maxRetries ?? config.retries ?? 1,
        retryDelaySeconds: options.retryDelay ?? config.retry_delay_seconds ?? 10,
        maxConsecutiveFailures: config.max_consecutive_failures ?? 3,
        foreignProcesses: config.foreign_processes ?? 'warn',
      },
      fontDir: workspace.fontDir,
      now: shell.now,
      notify: view.notify,
      ...{ signal: stop.signal, hurry: stop.hurry },
      remeasureInvalid: options.remeasureInvalid ?? false,
      typed: typedFor(directory, shell),
    });
    view.end();
    conclude(result, directory, options.json ?? false, shell);
    return exitCodeOf(result.summary.records, result.interruptedBy);
  } catch (error) {
    throw stop.insteadOf(error);
  } finally {
    view.end();
    stop.release();
  }
}

/** What is needed here is made, and the plan; null when the person who was asked said no. */
async function prepare(
  choice: FoundPython | NoPython,
  definition: Definition,
  options: Omit<RunOptions, 'maxJobs'>,
  shell: Shell,
): Promise<{ python: FoundPython; facts: Facts; plan: Plan } | null> {
  const { config } = definition;
  const workspace = workspaceOf(shell);
  const python = await readyPython(choice, shell, workspace);
  await readyModels(config, python, shell, workspace);
  await readyConfigs(config, python, shell, workspace);
  const facts = await gatherFacts({ config, python, cwd: shell.cwd, env: shell.env, builtin: workspace.builtin });
  const plan = buildPlan(config, facts, { bindDevices: true });
  refuseEmpty(plan, options.strict ?? false);
  if (options.promptForConfirmation && !(await confirmed(plan, definition, options, shell))) return null;
  return { python, facts, plan };
}

/** A plan in which nothing can be measured here is refused before anything is started. */
function refuseEmpty(plan: Plan, strict: boolean): void {
  const reasons = plan.skipped.map((job) => `${job.run_name}: ${job.reason}`);
  if (plan.launches.length === 0)
    throw new Refusal('host', `no point of this run can be measured here\n  ${reasons.join('\n  ')}`);
  if (strict && reasons.length > 0)
    throw new Refusal('host', `some points cannot be measured here (--strict)\n  ${reasons.join('\n  ')}`);
}

function conclude(result: RunResult, directory: string, json: boolean, shell: Shell): void {
  const people = json ? shell.stderr : shell.stdout;
  const closing = closingOf({ ...result, records: result.summary.records }, typedCommand(shell));
  people.write(resultText(result.summary, people, shell.env));
  people.write(closingLines(result, relativePath(directory, shell), closing));
  if (json) {
    const { left, interruptedBy } = result;
    const event = {
      event: 'finished',
      directory,
      states: countStates(result.summary.records),
      left,
      interrupted_by: interruptedBy,
      ...closing,
    };
    shell.stdout.write(`${JSON.stringify(event)}\n`);
  }
}

function defined(env: Shell['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
