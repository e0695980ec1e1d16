import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from './ask.ts';
import type { BasePython } from './base-python.ts';
import type { Installer } from './installer.ts';
import { uvOptions } from './pip-configuration.ts';
import { type SetupContext, stepCommand } from './setup-context.ts';

/** Installs with uv, from wherever the user's pip would install. */
export async function uvInstaller(
  context: SetupContext,
  base: BasePython,
  uv: string,
  step: string,
): Promise<Installer> {
  const cache = join(context.tools, 'cache', 'uv');
  const pip = uvOptions(await pipConfiguration(context, base), context.env);
  // On the same disk, so that packages are linked into the environment and not copied.
  const env = { ...pip.env, UV_CACHE_DIR: cache, UV_PYTHON_DOWNLOADS: 'never' };
  const run = (args: readonly string[]) => stepCommand(context, step, uv, args, env);
  return {
    makeEnvironment: (directory) => run(['venv', '--no-project', '--python', base.path, directory]),
    install: ({ python }, what, { index, dependencies = false } = {}) => {
      const places = index === undefined ? pip.args : ['--default-index', index];
      const alone = dependencies ? [] : ['--no-deps'];
      return run(['pip', 'install', '--python', python, ...alone, ...places, ...what]);
    },
    cleanUp: () => rm(cache, { recursive: true, force: true }),
  };
}

/** Empty without a pip to ask; its variables are read all the same. */
async function pipConfiguration({ env, signal }: SetupContext, base: BasePython): Promise<string> {
  if (!base.hasPip) return '';
  const result = await ask(base.path, ['-m', 'pip', 'config', 'list'], env, signal);
  return result.failed ? '' : result.stdout;
}
