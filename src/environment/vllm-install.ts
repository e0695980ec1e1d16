import { readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BasePython } from './base-python.ts';
import { isConnectionFailure, remedyFor } from './failure-remedy.ts';
import type { CommandResult, Installer } from './installer.ts';
import { type OwnEnvironment, ownEnvironment } from './own-environment.ts';
import { shipped } from './package-files.ts';
import { pipInstaller } from './pip-installer.ts';
import { type SetupContext, type SetupFailure, type StepResult, stepLog } from './setup-context.ts';
import { uvInstaller } from './uv-installer.ts';

/** Where the CPU build of torch is when the user's indexes do not have it; PyPI has the CUDA build alone. */
const PYTORCH_CPU_INDEX = 'https://download.pytorch.org/whl/cpu';
/** The environment takes 2.1 GB, and uv's cache some more while it is made. */
const NEEDED_BYTES = 3e9;
const STEP = 'vllm';

/** Makes the environment from the lock file. Half an environment is never used: its stamp is written last. */
export async function installVllm(context: SetupContext, base: BasePython, uv: string | null): Promise<StepResult> {
  const { tools, packageRoot } = context;
  const lack = (await lackOfRoom(tools)) ?? lackOfVenv(base, uv);
  if (lack !== null) return lack;
  await rm(stepLog(tools, STEP), { force: true });
  const lockFile = shipped(packageRoot, 'vllmLock');
  const environment = ownEnvironment(tools, lockFile, base.minor);
  await rm(environment.directory, { recursive: true, force: true });
  const installer = uv === null ? pipInstaller(context, base, STEP) : await uvInstaller(context, base, uv, STEP);
  const failed = await firstFailure([
    () => installer.makeEnvironment(environment.directory),
    () => installTorch(context, installer, environment, lockFile),
    () => installLock(installer, environment, lockFile),
  ]);
  if (failed !== null) return failure('vLLM could not be installed', remedyFor(failed.output), stepLog(tools, STEP));
  await installer.cleanUp();
  await writeFile(environment.stamp, `Python ${base.version}\n`);
  return { kind: 'done' };
}

/**
 * torch first and alone, since its CPU build decides where it comes from: from where the user's pip looks, else from
 * PyTorch's own index. The lock cannot name an index, as one machine's is not another's.
 */
async function installTorch(context: SetupContext, installer: Installer, to: OwnEnvironment, lockFile: string) {
  const torch = cpuTorch(await readFile(lockFile, 'utf8'));
  const usual = await installer.install(to, [torch]);
  if (usual.ok || isConnectionFailure(usual.output)) return usual;
  const message = `${torch} is not where your pip looks: taking it from ${PYTORCH_CPU_INDEX}`;
  context.report({ kind: 'note', message });
  return installer.install(to, [torch], { index: PYTORCH_CPU_INDEX });
}

/** With torch's CPU build said outright: the plain number of the lock admits the CUDA build too. */
async function installLock(installer: Installer, to: OwnEnvironment, lockFile: string): Promise<CommandResult> {
  const lock = await readFile(lockFile, 'utf8');
  const requirements = join(to.directory, 'requirements.txt');
  await writeFile(requirements, lock.replace(TORCH_LINE, cpuTorch(lock)));
  return installer.install(to, ['-r', requirements]);
}

const TORCH_LINE = /^torch==(?<version>[\d.]+)$/m;

function cpuTorch(lock: string): string {
  const version = TORCH_LINE.exec(lock)?.groups?.['version'];
  if (version === undefined) throw new Error('the lock file has no line `torch==<version>`');
  return `torch==${version}+cpu`;
}

async function lackOfRoom(tools: string): Promise<SetupFailure | null> {
  const { bavail, bsize } = await statfs(tools);
  const free = bavail * bsize;
  if (free >= NEEDED_BYTES) return null;
  const message = `vLLM needs ${NEEDED_BYTES / 1e9} GB of disk, and ${(free / 1e9).toFixed(1)} GB are free at ${tools}`;
  return failure(message, 'make room, or put the tools on another disk with ORCHESTRATE_HOME=<folder>', null);
}

function lackOfVenv(base: BasePython, uv: string | null): SetupFailure | null {
  if (uv !== null || base.hasVenv) return null;
  const message = `${base.path} cannot make environments (no pip and no ensurepip)`;
  return failure(
    message,
    `apt-get install python${base.minor}-venv, or install uv, and run the same command again`,
    null,
  );
}

async function firstFailure(commands: readonly (() => Promise<CommandResult>)[]): Promise<CommandResult | null> {
  for (const command of commands) {
    const result = await command();
    if (!result.ok) return result;
  }
  return null;
}

function failure(message: string, remedy: string, log: string | null): SetupFailure {
  return { kind: 'failed', message, remedy, log };
}
