import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { acceleratorsOfHost } from '../../src/environment/accelerators.ts';
import { type BasePython, findBasePython } from '../../src/environment/base-python.ts';
import { ownVariables, toolsDirectory } from '../../src/environment/home.ts';
import { findOwnPython } from '../../src/environment/own-environment.ts';
import { shipped } from '../../src/environment/package-files.ts';
import { pipInstaller } from '../../src/environment/pip-installer.ts';
import { runSetup } from '../../src/environment/setup.ts';
import type { SetupContext, SetupEvent } from '../../src/environment/setup-context.ts';
import { getUv } from '../../src/environment/uv.ts';
import { uvInstaller } from '../../src/environment/uv-installer.ts';
import { ROOT, say } from './command.ts';

/** The environment that the driver tests run in, and the variables that keep its caches out of the home directory. */
export interface TestPython {
  readonly python: string;
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Sets up real vLLM, which many tests are about, and beside it an environment with the tools of requirements/dev.txt
 * that sees its packages. Throws with a reason when that cannot be done.
 */
export async function readyTestPython(): Promise<TestPython> {
  const context = contextOfTests();
  const vllm = await vllmPython(context);
  const directory = await developerEnvironment(context, vllm);
  const bin = join(directory, 'bin');
  return { python: join(bin, 'python'), bin, env: ownVariables(context.tools) };
}

/** As for a run: never forced on a host with accelerators. There, `./orchestrate setup --cpu` enables those tests. */
async function vllmPython(context: SetupContext): Promise<string | null> {
  const [accelerator] = acceleratorsOfHost(context.env);
  if (accelerator !== undefined) {
    const own = findOwnPython(context.tools, shipped(ROOT, 'vllmLock'));
    if (own === null) say(`${accelerator.sign} is here: to run the tests on real vLLM too, ./orchestrate setup --cpu`);
    return own;
  }
  const result = await runSetup(context);
  if (result.kind === 'failed') throw new Error(`${result.message}\n${result.remedy}\nlog: ${result.log ?? 'none'}`);
  return result.python;
}

async function developerEnvironment(context: SetupContext, vllm: string | null): Promise<string> {
  const requirements = join(ROOT, 'requirements', 'dev.txt');
  const hash = createHash('sha256')
    .update(readFileSync(requirements))
    .update(vllm ?? '')
    .digest('hex')
    .slice(0, 8);
  const directory = join(context.tools, `dev-${hash}`);
  const stamp = join(directory, '.complete');
  if (existsSync(stamp)) return directory;
  const base = await basePython(context);
  await rm(directory, { recursive: true, force: true });
  const uv = await getUv(context, base);
  const step = 'test-tools';
  const installer =
    uv.kind === 'uv' ? await uvInstaller(context, base, uv.path, step) : pipInstaller(context, base, step);
  say('installing the tools of the tests (a few seconds) ...');
  for (const run of [
    () => installer.makeEnvironment(directory),
    () => installer.install({ python: join(directory, 'bin', 'python') }, ['-r', requirements], { dependencies: true }),
  ]) {
    const result = await run();
    if (!result.ok) throw new Error(`requirements/dev.txt could not be installed:\n${result.output}`);
  }
  if (vllm !== null) await seePackagesOf(vllm, directory);
  await installer.cleanUp();
  await writeFile(stamp, '');
  return directory;
}

/** A line in a .pth file adds the folder to this environment's path, behind its own packages. */
async function seePackagesOf(python: string, directory: string): Promise<void> {
  const [from, to] = await Promise.all([sitePackages(dirname(dirname(python))), sitePackages(directory)]);
  await writeFile(join(to, 'vllm-environment.pth'), `${from}\n`);
}

async function sitePackages(environment: string): Promise<string> {
  // Packages may put libraries of their own beside it.
  const version = (await readdir(join(environment, 'lib'))).find((name) => /^python3\.\d+$/.test(name));
  if (version === undefined) throw new Error(`${environment} is no Python environment`);
  return join(environment, 'lib', version, 'site-packages');
}

async function basePython(context: SetupContext): Promise<BasePython> {
  const { found } = await findBasePython(context.env, context.signal);
  if (found === null) throw new Error('no Python 3.11 to 3.14 on PATH');
  await mkdir(context.tools, { recursive: true });
  return found;
}

export function contextOfTests(): SetupContext {
  return {
    tools: toolsDirectory({ env: process.env, cwd: ROOT, packageRoot: ROOT }),
    packageRoot: ROOT,
    env: process.env,
    signal: new AbortController().signal,
    now: () => performance.now(),
    report: showSetup,
  };
}

function showSetup(event: SetupEvent): void {
  if (event.kind === 'step-started') say(`${event.title}${event.detail === null ? '' : ` (${event.detail})`} ...`);
  if (event.kind === 'note') say(event.message);
}
