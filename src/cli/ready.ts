import { acceleratorsOfHost } from '../environment/accelerators.ts';
import type { FoundPython, NoPython } from '../environment/python.ts';
import { runSetup, setupAdvice } from '../environment/setup.ts';
import type { SetupContext, SetupFailure } from '../environment/setup-context.ts';
import { builtinModel, hasBuiltinModel, makeBuiltinModel } from '../environment/tiny-model.ts';
import { Refusal } from '../errors/refusal.ts';
import type { RunConfig } from '../schema/run-config.ts';
import type { Shell } from './shell.ts';
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
  const models = config.runs.flatMap((run) => [...run.models, ...Object.values(run.checkpoints)]);
  const names = new Set(models.flatMap((model) => builtinModel(model) ?? []));
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

/** Ctrl-C ends an installation at once; nothing is measured yet. */
export async function withSetup<T>(
  shell: Shell,
  workspace: Workspace,
  action: (context: SetupContext) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const release = shell.onStop((name) =>
    controller.abort(
      new Refusal('host', `interrupted by ${name} while setting up`, 'run the same command again to go on'),
    ),
  );
  try {
    return await action(setupContext(shell, workspace, controller.signal));
  } finally {
    release();
  }
}

export function refusalOf({ message, remedy, log }: SetupFailure): Refusal {
  return new Refusal('host', message, log === null ? remedy : `${remedy}\nlog: ${log}`);
}
