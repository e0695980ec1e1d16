import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { BasePython } from './base-python.ts';
import { isConnectionFailure, remedyFor } from './failure-remedy.ts';
import type { CommandResult } from './installer.ts';
import { isExecutable, onPath } from './on-path.ts';
import { type SetupContext, type SetupFailure, stepCommand, stepLog } from './setup-context.ts';

/** The installer, at the version that this program was tested with. It takes 9 s for what takes pip 100 s. */
const UV_VERSION = '0.13.9';
/** From here on uv has the flags that we use. */
const OLDEST_UV = [0, 5] as const;

export type UvResult = { readonly kind: 'uv'; readonly path: string } | { readonly kind: 'none' } | SetupFailure;

/**
 * uv: the user's own, or ours in the tools directory, installed there if need be. `none` when it cannot be had, and
 * plain pip has to do; a failure when the reason is the network, which pip would wait for just as long.
 */
export async function getUv(context: SetupContext, base: BasePython): Promise<UvResult> {
  const users = onPath('uv', context.env);
  if (users !== null && (await isRecent(users, context))) return { kind: 'uv', path: users };
  const directory = join(context.tools, `uv-${UV_VERSION}`);
  const uv = join(directory, 'bin', 'uv');
  if (isExecutable(uv)) return { kind: 'uv', path: uv };
  const log = stepLog(context.tools, STEP);
  await rm(directory, { recursive: true, force: true });
  await rm(log, { force: true });
  const result = base.hasPip ? await byTarget(context, base, directory) : await byVenv(context, base, directory);
  if (result.ok && isExecutable(uv)) return { kind: 'uv', path: uv };
  await rm(directory, { recursive: true, force: true });
  if (!isConnectionFailure(result.output)) return { kind: 'none' };
  return { kind: 'failed', message: 'uv could not be installed', remedy: remedyFor(result.output), log };
}

/** `--target` needs no environment, and is allowed where a distribution guards its Python (PEP 668). */
function byTarget(context: SetupContext, base: BasePython, directory: string): Promise<CommandResult> {
  return stepCommand(context, STEP, base.path, ['-m', 'pip', ...INSTALL, '--target', directory, WHAT]);
}

async function byVenv(context: SetupContext, base: BasePython, directory: string): Promise<CommandResult> {
  if (!base.hasVenv) return { ok: false, output: `${base.path} has neither pip nor ensurepip` };
  const made = await stepCommand(context, STEP, base.path, ['-m', 'venv', directory]);
  if (!made.ok) return made;
  return stepCommand(context, STEP, join(directory, 'bin', 'python'), ['-m', 'pip', ...INSTALL, WHAT]);
}

const STEP = 'uv';
const INSTALL = ['install', '--no-cache-dir', '--no-deps', '--only-binary', ':all:'];
const WHAT = `uv==${UV_VERSION}`;

async function isRecent(uv: string, { env, signal }: SetupContext): Promise<boolean> {
  const result = await execa(uv, ['--version'], {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: 10_000,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  // uv 0.13.9 (x86_64-unknown-linux-gnu)
  const version = /^uv (?<major>\d+)\.(?<minor>\d+)/.exec(result.stdout ?? '')?.groups;
  if (version === undefined) return false;
  const [major, minor] = [Number(version['major']), Number(version['minor'])];
  return major > OLDEST_UV[0] || (major === OLDEST_UV[0] && minor >= OLDEST_UV[1]);
}
