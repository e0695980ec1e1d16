import { join } from 'node:path';
import type { BasePython } from './base-python.ts';
import { runLogged } from './logged-command.ts';
import type { Env } from './on-path.ts';

/** What happens while setup runs, for whoever shows it. */
export type SetupEvent =
  | { readonly kind: 'step-started'; readonly step: string; readonly title: string; readonly detail: string | null }
  /** About once a second during a long step. */
  | { readonly kind: 'progress'; readonly step: string; readonly detail: string }
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'step-done'; readonly step: string; readonly title: string; readonly seconds: number };

export interface SetupContext {
  readonly tools: string;
  readonly packageRoot: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  /** Milliseconds, of any origin. */
  readonly now: () => number;
  readonly report: (event: SetupEvent) => void;
}

/** What a step learned that a later one needs. */
export interface SetupState {
  base: BasePython | null;
  uv: string | null;
}

/** Why a step, and with it the setup, came to nothing. */
export interface SetupFailure {
  readonly kind: 'failed';
  readonly message: string;
  readonly remedy: string;
  /** Everything that the failed commands printed; null when none was run. */
  readonly log: string | null;
}

export type StepResult = { readonly kind: 'done' } | SetupFailure;

/** Runs one command of a step, its output in the step's log and its progress reported. */
export function stepCommand(
  context: SetupContext,
  step: string,
  file: string,
  args: readonly string[],
  extra: Env = {},
) {
  return runLogged({
    file,
    args,
    env: { ...context.env, ...ourPip, ...extra },
    // Not the user's directory: uv reads the pyproject.toml of the project that it is in.
    cwd: context.tools,
    log: stepLog(context.tools, step),
    signal: context.signal,
    onProgress: (detail) => context.report({ kind: 'progress', step, detail }),
  });
}

export function stepLog(tools: string, step: string): string {
  return join(tools, 'logs', `setup-${step}.log`);
}

/** Settings of a user's pip that are meant for the user's own environments and would send packages elsewhere. */
const ourPip = { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_NO_INPUT: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1' };
