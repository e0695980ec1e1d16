import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The checkout; every command of a suite runs there. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandEnd {
  readonly exitCode: number | null;
  /** Both streams; empty when they went to the terminal. */
  readonly output: string;
  readonly seconds: number;
}

/** Runs a command in the checkout; `show` sends its output to the terminal as it comes, otherwise it is kept. */
export function command(
  file: string,
  args: readonly string[],
  { show = false, env = {} }: { readonly show?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CommandEnd> {
  const begun = performance.now();
  const stdio = show ? 'inherit' : 'pipe';
  const child = spawn(file, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', stdio, stdio] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const end = (exitCode: number | null, extra = '') => {
      const output = Buffer.concat(chunks).toString() + extra;
      resolve({ exitCode, output, seconds: (performance.now() - begun) / 1000 });
    };
    child.on('error', (error) => end(null, error.message));
    child.on('close', (exitCode) => end(exitCode));
  });
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
