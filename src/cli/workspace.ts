import { join, resolve } from 'node:path';
import { localPath } from '../environment/checkpoint.ts';
import { toolsDirectory } from '../environment/home.ts';
import { findPackageRoot } from '../environment/package-files.ts';
import { choosePython, type FoundPython, type NoPython } from '../environment/python.ts';
import { Refusal } from '../errors/refusal.ts';
import type { Tools } from '../modes/mode.ts';
import type { RunConfig } from '../schema/run-config.ts';
import type { Shell } from './shell.ts';

/** Where things are that commands share. */
export interface Workspace {
  readonly packageRoot: string;
  /** Environments, models and caches that this program made. */
  readonly tools: string;
  readonly fontDir: string;
  /** The folder of a `builtin:` model, made or not; null for any other name. */
  builtin(model: string): string | null;
}

export function workspaceOf(shell: Shell): Workspace {
  const packageRoot = findPackageRoot();
  const tools = toolsDirectory({ env: shell.env, cwd: shell.cwd, packageRoot });
  return {
    packageRoot,
    tools,
    fontDir: join(packageRoot, 'assets', 'fonts'),
    builtin: (model) => (model === 'builtin:tiny-llama' ? join(tools, 'models', 'tiny-llama') : null),
  };
}

/** The Python to measure with, or none; one that was named and cannot be used is refused. */
export async function pythonFor(
  given: string | null,
  shell: Shell,
  workspace: Workspace,
): Promise<FoundPython | NoPython> {
  const choice = await choosePython({
    given,
    tools: workspace.tools,
    env: shell.env,
    cwd: shell.cwd,
    packageRoot: workspace.packageRoot,
  });
  if (choice.kind === 'found' || choice.kind === 'none') return choice;
  throw new Refusal('host', choice.message, choice.remedy);
}

export function toolsFor(python: string, shell: Shell, workspace: Workspace): Tools {
  return {
    python,
    driver: (name) => join(workspace.packageRoot, 'src', 'drivers', name),
    // An attempt runs in its own folder, so a path that the user wrote must not be relative.
    modelPath: (model) => workspace.builtin(model) ?? localPath(model, { cwd: shell.cwd }) ?? model,
  };
}

/** Where a run definition's results go. */
export function outputDirectory(
  option: string | undefined,
  config: RunConfig | null,
  stem: string,
  shell: Shell,
): string {
  return resolve(shell.cwd, option ?? config?.output_dir ?? join('results', stem));
}
