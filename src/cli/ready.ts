import { acceleratorsOfHost } from '../environment/accelerators.ts';
import { fetchConfig, isCached, isHubId } from '../environment/checkpoint/fetch.ts';
import { localPath } from '../environment/checkpoint.ts';
import { shipped } from '../environment/package-files.ts';
import type { FoundPython, NoPython } from '../environment/python.ts';
import { runSetup, setupAdvice } from '../environment/setup.ts';
import type { SetupContext, SetupFailure } from '../environment/setup-context.ts';
import { builtinModel, hasBuiltinModel, makeBuiltinModel } from '../environment/tiny-model.ts';
import { Refusal } from '../errors/refusal.ts';
import { checkpointsOf, revisionOf } from '../run/prepare.ts';
import type { RunConfig } from '../schema/run-config.ts';
import { Interrupted, type Shell } from './shell.ts';
import { setupContext } from './views/setup.ts';
import { pythonFor, type Workspace } from './workspace.ts';

/**
 * A Python that can run vLLM. Where there is none and no accelerator either, the CPU build is set up first; a host with
 * accelerators is only told how.
 */
export async function readyPython(
  choice: FoundPython | NoPython,
  shell: Shell,
  workspace: Workspace,
): Promise<FoundPython> {
  if (choice.kind === 'found') return choice;
  const accelerators = acceleratorsOfHost(shell.env);
  const advice = setupAdvice(accelerators);
  if (advice.kind === 'offer') throw new Refusal('host', advice.message, advice.remedy);
  shell.stderr.write('orchestrate: no Python with vLLM here, and no accelerator: setting up the CPU build (once)\n');
  await withSetup(shell, workspace, async (context) => {
    const result = await runSetup(context);
    if (result.kind === 'failed') throw refusalOf(result);
  });
  const own = await pythonFor(null, shell, workspace);
  if (own.kind === 'found') return own;
  throw new Refusal('host', 'vLLM was set up and still cannot be found', 'orchestrate doctor says what is wrong');
}

/** Makes the `builtin:` models that a run definition names and that are not there. */
export async function readyModels(
  config: RunConfig,
  python: FoundPython,
  shell: Shell,
  workspace: Workspace,
): Promise<void> {
  const names = new Set(checkpointsOf(config).flatMap((model) => builtinModel(model) ?? []));
  for (const name of names) {
    if (hasBuiltinModel(workspace.tools, name)) continue;
    shell.stderr.write(`orchestrate: making the model ${name} (random weights, a few MB)\n`);
    await withSetup(shell, workspace, async (context) => {
      const own = { ...context, env: { ...context.env, ...python.env } };
      const result = await makeBuiltinModel(own, python.path, name);
      if (result.kind === 'failed') throw refusalOf(result);
    });
  }
}

/**
 * Fetches config.json and its like of the models that are to come from the Hugging Face hub: planned before vLLM has
 * downloaded them, a run would plan quantized models as plain ones, and its points would be other points afterwards.
 */
export async function readyConfigs(
  config: RunConfig,
  python: FoundPython,
  shell: Shell,
  workspace: Workspace,
): Promise<void> {
  const env = { ...shell.env, ...python.env };
  const absent = checkpointsOf(config).flatMap((model) => {
    const revision = revisionOf(config, model);
    // Null: its runs use several, and the facts can hold none of them.
    if (revision === null || !isHubId(model) || isCached(model, shell.env, revision)) return [];
    return workspace.builtin(model) === null && localPath(model, shell) === null ? [{ model, revision }] : [];
  });
  if (absent.length === 0) return;
  const script = shipped(workspace.packageRoot, 'fetchConfig');
  const problems = await withSetup(shell, workspace, ({ signal }) =>
    Promise.all(
      absent.map(({ model, revision }) => fetchConfig(model, { python: python.path, script, env, signal, revision })),
    ),
  );
  const unknown = absent.flatMap(({ model }, i) => (problems[i] == null ? [] : [`${model} (${problems[i]})`]));
  if (unknown.length > 0) shell.stderr.write(withoutConfig(unknown));
}

function withoutConfig(models: readonly string[]): string {
  return (
    `orchestrate: note: config.json could not be had of ${models.join(', ')}: whether they are quantized, their size and ` +
    'their longest context are not known to the plan, and what is measured now is measured again once they are\n'
  );
}

/** Ctrl-C ends an installation at once; nothing is measured yet. */
export async function withSetup<T>(
  shell: Shell,
  workspace: Workspace,
  action: (context: SetupContext) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const release = shell.onStop((name) =>
    controller.abort(new Interrupted(name, 'nothing was measured yet', 'run the same command again to go on')),
  );
  const { signal } = controller;
  try {
    const result = await action(setupContext(shell, workspace, signal));
    signal.throwIfAborted();
    return result;
  } catch (error) {
    // What it says of a step that we ended is not why.
    throw signal.aborted ? signal.reason : error;
  } finally {
    release();
  }
}

export function refusalOf({ message, remedy, log }: SetupFailure): Refusal {
  return new Refusal('host', message, log === null ? remedy : `${remedy}\nlog: ${log}`);
}
