import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withDirectoryLock } from './directory-lock.ts';
import { remedyFor } from './failure-remedy.ts';
import { shipped } from './package-files.ts';
import { type SetupContext, type StepResult, stepCommand, stepLog } from './setup-context.ts';

/** Models that this program makes itself: random weights, a few MB, nothing downloaded. `builtin:<name>` in a YAML. */
export const BUILTIN_MODELS = ['tiny-llama'] as const;
export type BuiltinModel = (typeof BUILTIN_MODELS)[number];

const PREFIX = 'builtin:';
const STEP = 'tiny-model';

/** The name in `builtin:tiny-llama`; null for any other model, and for a builtin that does not exist. */
export function builtinModel(model: string): BuiltinModel | null {
  return BUILTIN_MODELS.find((name) => `${PREFIX}${name}` === model) ?? null;
}

/** The folder of a builtin model, made or not. */
export function builtinModelPath(tools: string, name: BuiltinModel): string {
  return join(tools, 'models', name);
}

/** True when it is there; the program that makes it renames the finished folder, so a half one has another name. */
export function hasBuiltinModel(tools: string, name: BuiltinModel): boolean {
  return existsSync(join(builtinModelPath(tools, name), 'config.json'));
}

/** Makes a builtin model with a Python that has torch; instantly done when it is there. */
export async function makeBuiltinModel(context: SetupContext, python: string, name: BuiltinModel): Promise<StepResult> {
  if (hasBuiltinModel(context.tools, name)) return { kind: 'done' };
  const directory = builtinModelPath(context.tools, name);
  await mkdir(dirname(directory), { recursive: true });
  const script = shipped(context.packageRoot, 'tinyModel');
  // Two at once would write to one partial folder; the second finds the model made.
  const onWait = (description: string) => context.report({ kind: 'note', message: `waiting: ${description}` });
  const result = await withDirectoryLock(`${directory}.lock`, { signal: context.signal, onWait }, () =>
    stepCommand(context, STEP, python, [script, directory]),
  );
  if (result.ok) return { kind: 'done' };
  return {
    kind: 'failed',
    message: `the model ${name} could not be made by ${python}`,
    remedy: remedyFor(result.output),
    log: stepLog(context.tools, STEP),
  };
}
