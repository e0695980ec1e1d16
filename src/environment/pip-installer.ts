import type { BasePython } from './base-python.ts';
import type { Installer } from './installer.ts';
import { type SetupContext, stepCommand } from './setup-context.ts';

/** Installs with the environment's own pip: slower than uv, and always there where `python -m venv` works. */
export function pipInstaller(context: SetupContext, base: BasePython, step: string): Installer {
  const run = (python: string, args: readonly string[]) => stepCommand(context, step, python, args);
  return {
    makeEnvironment: (directory) => run(base.path, ['-m', 'venv', directory]),
    install: ({ python }, what, { index, dependencies = false } = {}) => {
      const place = index === undefined ? [] : ['--index-url', index];
      const alone = dependencies ? [] : ['--no-deps'];
      const quiet = ['--no-cache-dir', '--progress-bar', 'off'];
      return run(python, ['-m', 'pip', 'install', ...alone, ...quiet, ...place, ...what]);
    },
    cleanUp: async () => undefined,
  };
}
