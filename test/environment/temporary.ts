import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** A folder of its own for one test; its name holds a space, as a user's may. */
export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'orchestrate test-')));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The path of a program of fixtures/programs. */
export function program(name: string): string {
  return join(REPOSITORY, 'fixtures', 'programs', name);
}

/** Puts a program of fixtures/programs at `path`. */
export function installProgram(name: string, path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(program(name), path);
  chmodSync(path, 0o755);
  return path;
}

/** A PATH with `directories` before the system's own, where `sh` and its like are. */
export function pathWith(...directories: string[]): string {
  return [...directories, '/usr/bin', '/bin'].join(':');
}
