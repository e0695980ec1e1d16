import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flagValue } from '../config/flag-value.ts';
import { probeDevices } from '../devices/probe.ts';
import { DEVICE_SOURCES } from '../devices/sources.ts';
import { checkpointFacts, isPath, localPath } from '../environment/checkpoint.ts';
import type { FoundPython } from '../environment/python.ts';
import { computingVariables } from '../environment/record.ts';
import { Refusal } from '../errors/refusal.ts';
import type { DeviceFacts, Facts } from '../schema/facts.ts';
import type { RunConfig } from '../schema/run-config.ts';

export interface FactsRequest {
  readonly config: RunConfig;
  /** Null when a plan is looked at on a host without vLLM. */
  readonly python: FoundPython | null;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of a `builtin:` model; null for any other. */
  readonly builtin: (model: string) => string | null;
  /** The plan is only looked at, maybe for another host: `devices:` that are not here are no reason to refuse. */
  readonly onlyToLook?: boolean;
}

/**
 * Everything beyond the run definition that the plan depends on.
 *
 * @throws Refusal when the devices of this host, or those that the run definition names, cannot be had
 */
export async function gatherFacts(request: FactsRequest): Promise<Facts> {
  const { config, python, cwd, env, builtin } = request;
  return {
    capabilities: python?.capabilities ?? null,
    checkpoints: checkpointsOf(config).map((model) => {
      const revision = revisionOf(config, model);
      return checkpointFacts(model, { cwd, env, builtin, ...(revision === undefined ? {} : { revision }) });
    }),
    devices: await devicesFor(request),
    variables: computingVariables(env),
  };
}

async function devicesFor({ config, python, env, onlyToLook = false }: FactsRequest): Promise<DeviceFacts | null> {
  const probe = (asked: RunConfig['devices']) => {
    const request = { own: config.accelerators, platform: python?.capabilities.platform ?? null, asked };
    return probeDevices({ ...DEVICE_SOURCES, env }, request);
  };
  const unlessRefused = (error: unknown) => {
    if (!onlyToLook || !(error instanceof Refusal)) throw error;
    return null;
  };
  const devices = await probe(config.devices).catch(unlessRefused);
  return devices ?? probe(null).catch(unlessRefused);
}

/** Everything that vLLM may be given as a model: each model, and its checkpoints in other precisions. */
export function checkpointsOf({ runs }: RunConfig): string[] {
  return [...new Set(runs.flatMap(({ models, checkpoints }) => [...models, ...Object.values(checkpoints)]))];
}

/** `--revision` of the runs that use a model: undefined for none, null when they differ. */
export function revisionOf({ runs }: RunConfig, model: string): string | null | undefined {
  const using = runs.filter(({ models, checkpoints }) => [...models, ...Object.values(checkpoints)].includes(model));
  const [first, ...others] = new Set(using.map(({ extra_args }) => flagValue(extra_args, '--revision')));
  return others.length > 0 ? null : (first ?? undefined);
}

/** Models and scripts that only this host can tell are missing: refuses with exit code 5, before anything is made. */
export function checkHost(config: RunConfig, cwd: string, builtin: (model: string) => string | null): void {
  const missing = checkpointsOf(config).flatMap((model) => modelProblem(model, cwd, builtin) ?? []);
  if (missing.length > 0) throw new Refusal('host', missing.join('\n  '), 'nothing was started');
  for (const run of config.runs) {
    if (run.driver.kind === 'script' && !existsSync(run.driver.path)) {
      const remedy = 'write resident, stock, or the path of a benchmark_throughput.py';
      throw new Refusal('host', `driver: there is no ${run.driver.path}`, remedy);
    }
  }
}

function modelProblem(model: string, cwd: string, builtin: (model: string) => string | null): string | null {
  if (model.startsWith('builtin:'))
    return builtin(model) === null ? `there is no model ${model}; there is builtin:tiny-llama` : null;
  if (!isPath(model)) return null;
  const path = localPath(model, { cwd }) ?? model;
  if (!existsSync(path)) return `the model ${model} is not there (looked for ${path})`;
  if (
    statSync(path).isDirectory() &&
    !existsSync(join(path, 'config.json')) &&
    !existsSync(join(path, 'params.json'))
  ) {
    return `the model ${model} has no config.json in ${path}`;
  }
  return null;
}

/**
 * Makes the output directory; refuses with exit code 5 when it cannot be written. Gives what takes the folders away
 * again that were made, as long as nothing was put into them.
 */
export function makeWritable(directory: string): () => void {
  const made: string[] = [];
  try {
    makeFolders(directory, made);
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Refusal(
      'host',
      `the output directory ${directory} cannot be written (${why})`,
      `give another one with --output-dir, or mend ${dirname(directory)}`,
    );
  }
  return () => {
    for (const path of made.toReversed()) {
      if (readdirSync(path).length > 0) return;
      rmdirSync(path);
    }
  };
}

/** Folder by folder: node's own recursion never ends below /proc, where making one fails as if its parent were missing. */
function makeFolders(path: string, made: string[]): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' });
    return;
  }
  makeFolders(dirname(path), made);
  mkdirSync(path);
  made.push(path);
}
