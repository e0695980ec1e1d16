import { mkdir } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import type { Accelerator } from './accelerators.ts';
import { findBasePython } from './base-python.ts';
import { withDirectoryLock } from './directory-lock.ts';
import { ownVariables } from './home.ts';
import { findOwnPython } from './own-environment.ts';
import { shipped } from './package-files.ts';
import type { SetupContext, SetupFailure, SetupState, StepResult } from './setup-context.ts';
import { hasBuiltinModel, makeBuiltinModel } from './tiny-model.ts';
import { getUv } from './uv.ts';
import { installVllm } from './vllm-install.ts';

export interface SetupStep {
  readonly id: string;
  readonly title: string;
  /** What it costs, said before it is done. */
  readonly detail: string | null;
  isDone(context: SetupContext): boolean;
  run(context: SetupContext, state: SetupState): Promise<StepResult>;
}

export type SetupResult = { readonly kind: 'ready'; readonly python: string } | SetupFailure;

/** What `orchestrate setup --cpu` does, in this order; a step that is done is not done again. */
export const SETUP_STEPS: readonly SetupStep[] = [
  {
    id: 'python',
    title: 'finding a Python',
    detail: null,
    isDone: (context) => ownPython(context) !== null,
    run: async (context, state) => {
      const { found, unfit } = await findBasePython(context.env, context.signal);
      state.base = found;
      return found === null ? noBasePython(unfit) : { kind: 'done' };
    },
  },
  {
    id: 'uv',
    title: 'getting uv, the installer',
    detail: '40 MB on disk',
    isDone: (context) => ownPython(context) !== null,
    run: async (context, state) => {
      if (state.base === null) return noBasePython([]);
      const uv = await getUv(context, state.base);
      if (uv.kind === 'failed') return uv;
      if (uv.kind === 'uv') state.uv = uv.path;
      else context.report({ kind: 'note', message: 'uv is not to be had: pip does it, in minutes' });
      return { kind: 'done' };
    },
  },
  {
    id: 'vllm',
    title: 'installing vLLM for the CPU',
    detail: '150 packages, 2.1 GB on disk, of which some 500 MB are downloaded',
    isDone: (context) => ownPython(context) !== null,
    run: async (context, { base, uv }) => (base === null ? noBasePython([]) : installVllm(context, base, uv)),
  },
  {
    id: 'tiny-model',
    title: 'making the tiny model',
    detail: 'random weights, 10 MB, nothing is downloaded',
    isDone: ({ tools }) => hasBuiltinModel(tools, 'tiny-llama'),
    run: async (context) => {
      const python = ownPython(context);
      if (python === null) throw new Error('the environment is not there after it was made');
      const own = { ...context, env: { ...context.env, ...ownVariables(context.tools) } };
      return makeBuiltinModel(own, python, 'tiny-llama');
    },
  },
];

/** Does what is missing. Two at once wait for each other; the second finds everything done. */
export async function runSetup(context: SetupContext): Promise<SetupResult> {
  const { tools, signal, report } = context;
  const missing = () => SETUP_STEPS.filter((step) => !step.isDone(context));
  if (missing().length > 0) {
    const refusal = unfitHost() ?? (await unwritable(tools));
    if (refusal !== null) return refusal;
    const onWait = (description: string) => report({ kind: 'note', message: `waiting: ${description}` });
    const failed = await withDirectoryLock(join(tools, 'setup.lock'), { signal, onWait }, () =>
      runSteps(context, missing()),
    );
    if (failed !== null) return failed;
  }
  const python = ownPython(context);
  if (python === null) throw new Error('the environment is not there after it was made');
  return { kind: 'ready', python };
}

async function runSteps(context: SetupContext, steps: readonly SetupStep[]): Promise<SetupFailure | null> {
  const state: SetupState = { base: null, uv: null };
  for (const step of steps) {
    const begun = context.now();
    context.report({ kind: 'step-started', step: step.id, title: step.title, detail: step.detail });
    const result = await step.run(context, state);
    if (result.kind === 'failed') return result;
    const seconds = (context.now() - begun) / 1000;
    context.report({ kind: 'step-done', step: step.id, title: step.title, seconds });
  }
  return null;
}

export type SetupAdvice =
  | { readonly kind: 'automatic' }
  | { readonly kind: 'offer'; readonly message: string; readonly remedy: string };

/** Whether a run without a vLLM may set one up by itself: never on a host with accelerators. */
export function setupAdvice(accelerators: readonly Accelerator[], command = 'orchestrate'): SetupAdvice {
  const [first] = accelerators;
  if (first === undefined) return { kind: 'automatic' };
  return {
    kind: 'offer',
    message: `no Python with vLLM, on a host with accelerators (${first.sign})`,
    remedy:
      'install vLLM in an environment and activate it, or name its Python with --python; ' +
      `to use the CPU build anyway: ${command} setup --cpu`,
  };
}

function ownPython({ tools, packageRoot }: SetupContext): string | null {
  return findOwnPython(tools, shipped(packageRoot, 'vllmLock'));
}

function unfitHost(): SetupFailure | null {
  if (platform() === 'linux' && ['x64', 'arm64'].includes(arch())) return null;
  return {
    kind: 'failed',
    message: `vLLM's CPU build comes ready-made for Linux on x86-64 and aarch64, and this is ${platform()} on ${arch()}`,
    remedy: 'build vLLM from source in an environment of your own, then name its Python with --python',
    log: null,
  };
}

async function unwritable(tools: string): Promise<SetupFailure | null> {
  try {
    await mkdir(tools, { recursive: true });
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', message: why, remedy: 'put the tools elsewhere: ORCHESTRATE_HOME=<folder>', log: null };
  }
}

function noBasePython(unfit: readonly string[]): SetupFailure {
  const seen = unfit.length === 0 ? '' : ` (${unfit.join(', ')})`;
  return {
    kind: 'failed',
    message: `no Python 3.11 to 3.14 on PATH${seen}`,
    remedy:
      'apt-get install python3 python3-venv, or install Python 3.11 by other means, and run the same command again',
    log: null,
  };
}
