import { execa } from 'execa';
import type { Env } from './on-path.ts';

/** Longer than any short question to a healthy program takes; a hanging driver must not hang us. */
const TIMEOUT_MS = 20_000;

/**
 * Asks another program something short: its exact environment, no stdin, and a failure is an answer, not an exception.
 * Throws only when the user gives up meanwhile.
 */
export async function ask(file: string, args: readonly string[], env: Env, signal: AbortSignal) {
  const result = await execa(file, [...args], {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: TIMEOUT_MS,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  return result;
}
