import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Written last, so that an environment without it is a half one. */
const STAMP = '.complete';

/** An environment that `orchestrate setup` makes from a lock file; another lock or another Python gives another one. */
export interface OwnEnvironment {
  readonly directory: string;
  readonly python: string;
  readonly stamp: string;
}

/** `pythonMinor`: `3.11`. Compiled packages serve one minor version of Python only. */
export function ownEnvironment(tools: string, lockFile: string, pythonMinor: string): OwnEnvironment {
  return inDirectory(join(tools, `${namePrefix(lockFile)}${pythonMinor}`));
}

/** The interpreter of a complete environment for this lock, of whichever Python; null when there is none. */
export function findOwnPython(tools: string, lockFile: string): string | null {
  const prefix = namePrefix(lockFile);
  const complete = environmentNames(tools)
    .filter((name) => name.startsWith(prefix))
    .map((name) => inDirectory(join(tools, name)))
    .find(isComplete);
  return complete?.python ?? null;
}

/** Environments of earlier lock files, and halves: nobody uses them any more. */
export function staleEnvironments(tools: string, lockFile: string): string[] {
  const current = findOwnPython(tools, lockFile);
  return environmentNames(tools)
    .map((name) => inDirectory(join(tools, name)))
    .filter(({ python }) => python !== current)
    .map(({ directory }) => directory);
}

/** False, too, when the Python that it was made from was removed from the host: its link points to nothing then. */
export function isComplete({ stamp, python }: OwnEnvironment): boolean {
  return existsSync(stamp) && existsSync(python);
}

function inDirectory(directory: string): OwnEnvironment {
  return { directory, python: join(directory, 'bin', 'python'), stamp: join(directory, STAMP) };
}

function namePrefix(lockFile: string): string {
  const hash = createHash('sha256').update(readFileSync(lockFile)).digest('hex').slice(0, 8);
  return `venv-${hash}-py`;
}

function environmentNames(tools: string): string[] {
  try {
    return readdirSync(tools).filter((name) => /^venv-[0-9a-f]{8}-py3\.\d+$/.test(name));
  } catch {
    return [];
  }
}
