import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** What nvidia-smi said. */
export type SmiAnswer =
  | { readonly kind: 'told'; readonly text: string }
  /** There is no such program on this host. */
  | { readonly kind: 'absent' }
  /** It is there, and failed: no driver, no GPU, a question that it does not know, ... */
  | { readonly kind: 'failed'; readonly reason: string }
  /** It is there, and gave no answer in time, as when a GPU has fallen off the bus. */
  | { readonly kind: 'silent'; readonly reason: string };

/** What may be asked of the host: passed in, so that a test can be any host. */
export interface DeviceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  nvidiaSmi(args: readonly string[]): Promise<SmiAnswer>;
  exists(path: string): boolean;
  /** Names in a folder; none when there is no such folder. */
  list(path: string): string[];
  /** Text of a file; null when it cannot be read. */
  read(path: string): string | null;
}

/** A healthy nvidia-smi needs 1 to 2 s on a host of 8 GPUs without persistence mode. */
const LIMIT_MS = 20_000;

/** Those of this host. */
export const DEVICE_SOURCES: Omit<DeviceSources, 'env'> = {
  nvidiaSmi: (args) => askProgram('nvidia-smi', args, LIMIT_MS),
  exists: existsSync,
  list: (path) => orElse(() => readdirSync(path), []),
  read: (path) => orElse(() => readFileSync(path, 'utf8'), null),
};

/**
 * Asks a program that may never end: one that waits in the driver for a lost GPU cannot be killed, so it is left alone
 * after `limitMs`, and keeps neither us nor the end of this process waiting.
 */
export function askProgram(file: string, args: readonly string[], limitMs: number): Promise<SmiAnswer> {
  return new Promise((resolve) => {
    const child = execFile(file, [...args], { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      clearTimeout(timer);
      resolve(error === null ? { kind: 'told', text: stdout } : failed(file, error, `${stderr}\n${stdout}`));
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      for (const stream of child.stdio) stream?.destroy();
      child.unref();
      resolve({ kind: 'silent', reason: `${file} gives no answer within ${limitMs / 1000} s` });
    }, limitMs);
  });
}

function failed(file: string, { code, signal }: ExecFileException, output: string): SmiAnswer {
  if (code === 'ENOENT') return { kind: 'absent' };
  const said = output.split('\n').find((line) => line.trim() !== '');
  return { kind: 'failed', reason: `${file}: ${said?.trim() ?? `ends with ${signal ?? code ?? 'an unknown error'}`}` };
}

function orElse<T, U>(read: () => T, otherwise: U): T | U {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
