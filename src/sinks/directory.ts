import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { RenderedFile } from '../schema/rendered.ts';

/** Writes files below a directory; a path that leads out of it is refused. */
export function writeFiles(directory: string, files: readonly RenderedFile[]): string[] {
  return files.map((file) => {
    const path = inside(directory, file.path);
    writeAtomically(path, file.content);
    return path;
  });
}

function inside(directory: string, path: string): string {
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
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `.${process.pid}.${counter++}.partial`);
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
  const parent = openSync(folder, 'r');
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}

let counter = 0;
