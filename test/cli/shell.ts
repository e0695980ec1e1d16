import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { main } from '../../src/cli/program.ts';
import type { Shell, StopSignal } from '../../src/cli/shell.ts';
import { KEEPER } from '../executors/keeper.ts';
import { emptyFolder } from '../journal/folder.ts';
import { point } from '../run/runs.ts';

const program = (name: string) => fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url));
/** A Python whose vLLM is the stand-ins. */
export const STAND_IN_PYTHON = program('stand-in-python');
/** Stands for the runs that come with the project. */
export const RUNS = fileURLToPath(new URL('../../runs', import.meta.url));

export interface Host {
  /** Where the command is typed: a folder of its own, its name with a space. */
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** True when the stand-in has met this `-once` job. */
  met(job: string): boolean;
  /** Lines of what its Pythons were called with. */
  calls(): string[];
  write(name: string, text: string): string;
}

/** A host without accelerators whose `python3` has no vLLM, and on which nothing was ever set up. */
export function host(): Host {
  const root = emptyFolder();
  const cwd = join(root, 'my runs');
  const bin = join(root, 'bin');
  const calls = join(root, 'calls');
  for (const folder of [cwd, bin]) mkdirSync(folder);
  for (const name of ['python3', 'python']) {
    copyFileSync(program('python-without-vllm'), join(bin, name));
    chmodSync(join(bin, name), 0o755);
  }
  return {
    cwd,
    env: {
      ...{ PATH: `${bin}:/usr/bin:/bin`, HOME: join(root, 'home'), ORCHESTRATE_HOME: join(root, 'tools') },
      ...{ STAND_IN_PYTHON: KEEPER.python, STAND_IN_NODE: process.execPath, STAND_IN_STATE: root, PYTHON_CALLS: calls },
    },
    met: (job) => existsSync(join(root, job)),
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []),
    write: (name, text) => {
      writeFileSync(join(cwd, name), text);
      return name;
    },
  };
}

/** A run definition for the stand-ins; each run's name says what happens. */
export function definition(...runs: readonly object[]): string {
  return JSON.stringify({ retries: 0, standalone_runs: runs.length === 0 ? [point('measures')] : runs }, null, 1);
}

export interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Terminal {
  readonly env?: Readonly<Record<string, string>>;
  /** True: stdout and stderr are a terminal of 80 columns. */
  readonly isTTY?: boolean;
  /** What is typed, at a terminal. */
  readonly answer?: string;
  /** A signal that comes as soon as this is so. */
  readonly signalWhen?: { readonly signal: StopSignal; readonly happened: () => boolean };
  /** The same signal again, so many milliseconds later. */
  readonly againAfter?: number;
}

/** Ctrl-D. */
export const END_OF_INPUT = '\u0004';

/** Runs a command in this process, as `orchestrate <words>` in the folder of the host. */
export async function orchestrate(on: Host, words: readonly string[], terminal: Terminal = {}): Promise<Typed> {
  const { env = {}, isTTY = false, answer, signalWhen, againAfter } = terminal;
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<(signal: StopSignal) => void>();
  const watch = setInterval(() => {
    if (signalWhen?.happened() !== true) return;
    clearInterval(watch);
    const give = () => {
      for (const listener of [...listeners]) listener(signalWhen.signal);
    };
    give();
    if (againAfter !== undefined) setTimeout(give, againAfter);
  }, 20);
  const output = (stream: 'stdout' | 'stderr') =>
    Object.assign(new PassThrough(), {
      ...{ isTTY, columns: 80 },
      write: (text: string) => {
        written[stream] += text;
        return true;
      },
    });
  const stdin = Object.assign(new PassThrough(), { isTTY: answer !== undefined });
  if (answer === END_OF_INPUT) stdin.end();
  else if (answer !== undefined) stdin.write(`${answer}\n`);
  const shell: Shell = {
    command: 'orchestrate',
    argv: words,
    env: { ...on.env, ...env },
    cwd: on.cwd,
    ...{ stdout: output('stdout'), stderr: output('stderr'), stdin },
    now: () => new Date('2026-11-22T10:00:00Z'),
    onStop: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  try {
    const code = await main(shell);
    return { code, ...written };
  } finally {
    clearInterval(watch);
  }
}
