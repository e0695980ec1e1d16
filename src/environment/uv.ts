import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { BasePython } from './base-python.ts';
import { isExecutable, onPath } from './on-path.ts';
import { type SetupContext, stepCommand } from './setup-context.ts';

/** The installer, at the version that this program was tested with. It takes 9 s for what takes pip 100 s. */
const UV_VERSION = '0.13.9';
/** From here on uv has the flags that we use. */
const OLDEST_UV = [0, 5] as const;

/**
 * uv: the user's own, or ours in the tools directory, installed there if need be. Null when it cannot be had; then
 * plain pip has to do.
 */
export async function getUv(context: SetupContext, base: BasePython): Promise<string | null> {
  const users = onPath('uv', context.env);
  if (users !== null && (await isRecent(users, context))) return users;
  const directory = join(context.tools, `uv-${UV_VERSION}`);
  const uv = join(directory, 'bin', 'uv');
  if (isExecutable(uv)) return uv;
  await rm(directory, { recursive: true, force: true });
  const installed = base.hasPip ? await byTarget(context, base, directory) : await byVenv(context, base, directory);
  if (!installed || !isExecutable(uv)) {
    await rm(directory, { recursive: true, force: true });
    return null;
  }
  return uv;
}

/** `--target` needs no environment, and is allowed where a distribution guards its Python (PEP 668). */
async function byTarget(context: SetupContext, base: BasePython, directory: string): Promise<boolean> {
  return (await stepCommand(context, 'uv', base.path, ['-m', 'pip', ...INSTALL, '--target', directory, WHAT])).ok;
}

async function byVenv(context: SetupContext, base: BasePython, directory: string): Promise<boolean> {
  if (!base.hasVenv || !(await stepCommand(context, 'uv', base.path, ['-m', 'venv', directory])).ok) return false;
  return (await stepCommand(context, 'uv', join(directory, 'bin', 'python'), ['-m', 'pip', ...INSTALL, WHAT])).ok;
}

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
