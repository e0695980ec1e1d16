import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { Capabilities } from '../schema/facts.ts';
import { ownVariables, type Surroundings } from './home.ts';
import { onPath } from './on-path.ts';
import { findOwnPython } from './own-environment.ts';
import { shipped } from './package-files.ts';
import { type Probe, type ProbeOutcome, probePython } from './probe.ts';

/** How a Python came to be chosen, in the order of precedence. */
export type PythonOrigin = 'given' | 'activated' | 'path' | 'own';

export interface FoundPython {
  readonly kind: 'found';
  readonly path: string;
  readonly origin: PythonOrigin;
  readonly capabilities: Capabilities;
  readonly probe: Probe;
  /** Variables for every process that is started with it; empty but for our own environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The Python that the user named cannot be used; another one is not taken in its place. */
export interface UnusablePython {
  readonly kind: 'missing' | 'no-vllm' | 'broken';
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

/** Nobody named one, and none that was looked at has vLLM. */
export interface NoPython {
  readonly kind: 'none';
  readonly tried: readonly { readonly path: string; readonly origin: PythonOrigin; readonly reason: string }[];
}

export type PythonChoice = FoundPython | UnusablePython | NoPython;

export interface PythonRequest extends Surroundings {
  /** `--python` or `python:`: a command, a file, or the folder of an environment; null when not said. */
  readonly given: string | null;
  readonly tools: string;
  readonly signal?: AbortSignal;
}

/**
 * Which Python runs the engine: the one that was named; else the activated environment's; else `python3` or `python` of
 * PATH; else the environment that `orchestrate setup` made. But for the first, only one that has vLLM.
 */
export async function choosePython(request: PythonRequest): Promise<PythonChoice> {
  if (request.given !== null) return givenPython(request.given, request);
  const candidates = candidatePythons(request);
  const outcomes = await Promise.all(candidates.map(({ path }) => probe(path, request)));
  const tried: { path: string; origin: PythonOrigin; reason: string }[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    if (outcome.kind === 'vllm') return found(candidate.path, candidate.origin, outcome.probe, request.tools);
    tried.push({ ...candidate, reason: reasonOf(outcome) });
  }
  return { kind: 'none', tried };
}

async function givenPython(given: string, request: PythonRequest): Promise<PythonChoice> {
  const path = locate(given, request);
  if (path === null) {
    return {
      kind: 'missing',
      path: given,
      message: `there is no Python at ${given}`,
      remedy: 'give the path of a Python that can import vLLM, or of its environment',
    };
  }
  const outcome = await probe(path, request);
  if (outcome.kind === 'vllm') return found(path, 'given', outcome.probe, request.tools);
  return {
    kind: outcome.kind,
    path,
    message: `${path}: ${reasonOf(outcome)}`,
    remedy:
      outcome.kind === 'no-vllm'
        ? `install vLLM there (${path} -m pip install vllm), or give a Python that has it`
        : 'give a Python 3.9 or newer that can import vLLM',
  };
}

/** `python3.12`, `venv/bin/python`, `~/venvs/vllm`, `/opt/vllm`: as a command of PATH, a file or an environment. */
function locate(given: string, { env, cwd }: PythonRequest): string | null {
  if (!given.includes(sep)) {
    const command = onPath(given, env);
    if (command !== null) return command;
  }
  const home = env['HOME'];
  const path = resolve(cwd, home === undefined ? given : given.replace(/^~(?=\/|$)/, home));
  if (!existsSync(path)) return null;
  return statSync(path).isDirectory() ? pythonOf(path) : path;
}

function candidatePythons({ env, tools, packageRoot }: PythonRequest): { path: string; origin: PythonOrigin }[] {
  const activated = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']].flatMap((directory) =>
    directory !== undefined && isAbsolute(directory) ? [pythonOf(directory)] : [],
  );
  const named: [PythonOrigin, string | null][] = [
    ...activated.map((path): [PythonOrigin, string | null] => ['activated', path]),
    ['path', onPath('python3', env)],
    ['path', onPath('python', env)],
    ['own', findOwnPython(tools, shipped(packageRoot, 'vllmLock'))],
  ];
  const candidates = named.flatMap(([origin, path]) => (path === null ? [] : [{ path, origin }]));
  return candidates.filter(({ path }, index) => candidates.findIndex((other) => other.path === path) === index);
}

/** The interpreter of an environment. Never resolved: the link is what makes Python see the environment's packages. */
function pythonOf(environment: string): string | null {
  return ['python', 'python3'].map((name) => join(environment, 'bin', name)).find((path) => existsSync(path)) ?? null;
}

function probe(python: string, { packageRoot, tools, env, signal }: PythonRequest): Promise<ProbeOutcome> {
  return probePython({
    python,
    script: shipped(packageRoot, 'probe'),
    env,
    // To look at a Python is no reason to make a folder in somebody's current directory.
    ...(existsSync(tools) ? { cache: join(tools, 'cache', 'probes') } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
}

function found(path: string, origin: PythonOrigin, probe: Probe, tools: string): FoundPython {
  const isOwn = path.startsWith(tools + sep);
  return {
    kind: 'found',
    path,
    origin,
    capabilities: Capabilities.parse(probe),
    probe,
    env: isOwn ? ownVariables(tools) : {},
  };
}

function reasonOf(outcome: Exclude<ProbeOutcome, { kind: 'vllm' }>): string {
  switch (outcome.kind) {
    case 'no-vllm':
      return `Python ${outcome.pythonVersion} without vLLM`;
    case 'broken':
      return `it cannot be used (${outcome.reason})`;
  }
}
