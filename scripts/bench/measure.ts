import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { medianSorted } from 'simple-statistics';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The built command, as a user runs it. */
export const ORCHESTRATE = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** Wall seconds of a command that must succeed. */
export async function secondsOf(file: string, args: readonly string[], cwd: string = ROOT): Promise<number> {
  const start = performance.now();
  await execa(file, [...args], { cwd, stdin: 'ignore' });
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  return medianSorted(values.toSorted((a, b) => a - b));
}
