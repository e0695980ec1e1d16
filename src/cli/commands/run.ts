import { relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { join } from 'shlex';
import { recordEnvironment } from '../../environment/record.ts';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { localExecutor } from '../../executors/local.ts';
import { buildPlan } from '../../plan/build.ts';
import { checkHost, gatherFacts, makeWritable } from '../../run/prepare.ts';
import { type RunResult, runPlan } from '../../run/run.ts';
import { measurementCount, type Plan } from '../../schema/plan.ts';
import { countStates } from '../../summary/summary.ts';
import { type Definition, loadDefinition, stemOf } from '../load.ts';
import { readyConfigs, readyModels, readyPython } from '../ready.ts';
import { type Shell, SIGNAL_EXIT, type StopSignal } from '../shell.ts';
import { packageVersion } from '../version.ts';
import { closingLines, resultText } from '../views/closing.ts';
import { runView } from '../views/run-view.ts';
import { outputDirectory, pythonFor, toolsFor, workspaceOf } from '../workspace.ts';
import { showPlan } from './plan.ts';

export interface RunOptions {
  readonly outputDir?: string;
  readonly python?: string;
  readonly maxRetries?: number;
  readonly retryDelay?: number;
  readonly promptForConfirmation?: boolean;
  readonly strict?: boolean;
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
  const python = await readyPython(choice, shell, workspace);
  await readyModels(config, python, shell, workspace);
  await readyConfigs(config, python, shell, workspace);
  const facts = await gatherFacts({ config, python, cwd: shell.cwd, env: shell.env, builtin: workspace.builtin });
  const plan = buildPlan(config, facts, { bindDevices: true });
  try {
    refuseEmpty(plan, options.strict ?? false);
    if (options.promptForConfirmation && !(await confirmed(plan, definition, options, shell))) throw new Declined();
  } catch (error) {
    undo();
    if (error instanceof Declined) return EXIT.ok;
    throw error;
  }
  const version = packageVersion();
  const findings = { python: python.path, packages: python.probe.packages, cuda_version: python.probe.cuda_version };
  const environment = await recordEnvironment({ facts, findings, env: shell.env, now: shell.now(), version });
  const view = runView(shell, { json: options.json ?? false });
  const stop = stopOnSignals(shell, (text) => view.note(text));
  try {
    const result = await runPlan({
      ...{ plan, directory, environment },
      definition: definition.text,
      executor: localExecutor(),
      tools: toolsFor(python.path, shell, workspace),
      env: { ...defined(shell.env), ...python.env },
      policy: {
        retries: options.maxRetries ?? config.retries ?? 1,
        retryDelaySeconds: options.retryDelay ?? config.retry_delay_seconds ?? 10,
      },
      fontDir: workspace.fontDir,
      now: shell.now,
      notify: view.notify,
      signal: stop.signal,
    });
    view.end();
    conclude(result, directory, options.json ?? false, shell);
    return exitCodeOf(result);
  } finally {
    view.end();
    stop.release();
  }
}

/** The person who was asked said no. */
class Declined extends Error {}

/** A plan in which nothing can be measured here is refused before anything is started. */
function refuseEmpty(plan: Plan, strict: boolean): void {
  const reasons = plan.skipped.map((job) => `${job.run_name}: ${job.reason}`);
  if (plan.launches.length === 0)
    throw new Refusal('host', `no point of this run can be measured here\n  ${reasons.join('\n  ')}`);
  if (strict && reasons.length > 0)
    throw new Refusal('host', `some points cannot be measured here (--strict)\n  ${reasons.join('\n  ')}`);
}

async function confirmed(
  plan: Plan,
  definition: Definition,
  options: Omit<RunOptions, 'maxJobs'>,
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
  const answer = await ask.question(`Start ${measurementCount(plan)} measurements? [y/N] `);
  ask.close();
  return /^y(?:es)?$/i.test(answer.trim());
}

/** The first signal stops the engine in order and keeps what was measured; a second one changes nothing about that. */
function stopOnSignals(shell: Shell, note: (text: string) => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const release = shell.onStop((name) => {
    if (controller.signal.aborted)
      return note('stopping already: the engine is given 20 s to end in order, then it is killed');
    note(`${name}: stopping the engine and its workers; every finished point is kept`);
    controller.abort(name);
  });
  return { signal: controller.signal, release };
}

function conclude(result: RunResult, directory: string, json: boolean, shell: Shell): void {
  const people = json ? shell.stderr : shell.stdout;
  people.write(resultText(result.summary, people, shell.env));
  people.write(closingLines(result, relativePath(directory, shell), `${shell.command} ${join(shell.argv)}`));
  if (json) {
    const { left, interruptedBy } = result;
    const event = {
      event: 'finished',
      directory,
      states: countStates(result.summary.records),
      left,
      interrupted_by: interruptedBy,
    };
    shell.stdout.write(`${JSON.stringify(event)}\n`);
  }
}

/** As the user would type it. */
function relativePath(directory: string, { cwd }: Shell): string {
  const way = relative(cwd, directory);
  return join([way === '' ? '.' : way.startsWith('..') ? directory : way]);
}

/** Interrupted > nothing usable > some not valid > all valid. */
function exitCodeOf({ summary, interruptedBy }: RunResult): ExitCode {
  if (interruptedBy !== null) return SIGNAL_EXIT[interruptedBy as StopSignal] ?? SIGNAL_EXIT.SIGTERM;
  const complete = summary.records.filter(({ state, reasons }) => state === 'valid' && reasons.length === 0).length;
  if (complete === summary.records.length) return EXIT.ok;
  return summary.records.some(({ state }) => state === 'valid') ? EXIT.someFailed : EXIT.nothingUsable;
}

function defined(env: Shell['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
