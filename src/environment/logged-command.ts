import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import type { Env } from './on-path.ts';

export interface LoggedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Env;
  readonly cwd: string;
  /** Both streams are added to this file. */
  readonly log: string;
  readonly signal: AbortSignal;
  /** Called about once a second, with the last line and what was written to disk so far. */
  onProgress?(detail: string): void;
}

export type LoggedResult =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly output: string };

/** Runs a command of a setup step: its output goes to the log, and how far it is to `onProgress`. */
export async function runLogged(command: LoggedCommand): Promise<LoggedResult> {
  const { file, args, env, cwd, log, signal, onProgress } = command;
  await mkdir(dirname(log), { recursive: true });
  // The address of an index may hold a password.
  await appendFile(log, `$ ${[file, ...args].join(' ').replaceAll(/(?<=:\/\/)[^/@\s]+@/g, '')}\n`);
  const subprocess = execa(file, [...args], {
    env: { ...env },
    extendEnv: false,
    cwd,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    cancelSignal: signal,
    killDescendants: true,
  });
  const lines: string[] = [];
  const timer = setInterval(async () => onProgress?.(await progressOf(subprocess.pid, lines.at(-1))), 1000);
  try {
    for await (const line of subprocess.iterable({ from: 'all' })) {
      lines.push(line);
      await appendFile(log, `${line}\n`);
    }
  } finally {
    clearInterval(timer);
  }
  const result = await subprocess;
  signal.throwIfAborted();
  // Without an exit code it never ran, or was killed: execa's sentence is all there is.
  if (result.exitCode === undefined) lines.push(result.shortMessage ?? 'it did not run');
  if (result.exitCode === undefined) await appendFile(log, `${lines.at(-1)}\n`);
  return { ok: result.exitCode === 0, output: lines.join('\n') };
}

async function progressOf(pid: number | undefined, line: string | undefined): Promise<string> {
  const written = pid === undefined ? null : await writtenBytes(pid);
  const size = written === null ? [] : [`${Math.round(written / 1e6)} MB written`];
  return [...size, line?.trim().slice(0, 80) ?? ''].join('  ');
}

/** Linux counts what a process wrote; elsewhere, or when it has ended, nobody knows. */
async function writtenBytes(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/io`, 'utf8').catch(() => '');
  const bytes = /^wchar: (?<bytes>\d+)$/m.exec(text)?.groups?.['bytes'];
  return bytes === undefined ? null : Number(bytes);
}
