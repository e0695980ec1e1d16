import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { RenderedFile } from '../schema/rendered.ts';

/** Writes files below a directory; a path that leads out of it is refused. */
export function writeFiles(directory: string, files: readonly RenderedFile[]): string[] {
  return files.map((file) => {
    const path = inside(directory, file.path);
    writeAtomically(path, file.content);
    return path;
  });
}

/** Where a path below a directory is; one that leads out of it throws a RangeError. */
export function inside(directory: string, path: string): string {
  const full = resolve(directory, path);
  const way = relative(resolve(directory), full);
  if (way === '' || way.startsWith('..') || isAbsolute(way)) throw new RangeError(`${path} leads out of ${directory}`);
  return full;
}

/**
 * The whole file or the old one, whatever happens: written beside it, flushed to the disk, renamed over it, and the
 * folder flushed so that the new name survives a power cut.
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const folder = dirname(path);
  makeFolder(folder);
  const temporary = partialBeside(path);
  try {
    const file = openSync(temporary, 'w');
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(folder);
}

let counter = 0;

/** Where a file is written before it gets its name; `removePartials` knows whose it was. */
export function partialBeside(path: string): string {
  return join(dirname(path), `.${process.pid}.${counter++}.partial`);
}

/** Makes a folder, and those above it that are missing, in a way that survives a power cut. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  const levels = relative(dirname(first), resolve(path)).split(sep).length;
  for (let level = 0, made = resolve(path); level < levels; level += 1) {
    made = dirname(made);
    flushFolder(made);
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Removes what writers that were killed left half written, in the folder and those below it but for `except`. Another
 * program that lives may be writing just now (`orchestrate report`): its files stay. Nothing of ours may be under way.
 */
export function removePartials(directory: string, except: readonly string[] = []): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    const writer = /^\.(?<pid>\d+)\.\d+\.partial$/.exec(entry.name)?.groups?.['pid'];
    if (writer !== undefined) {
      const isOver = Number(writer) === process.pid || !isAlive(Number(writer));
      if (isOver) rmSync(path, { recursive: true, force: true });
    } else if (entry.isDirectory() && !except.includes(entry.name)) removePartials(path);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
