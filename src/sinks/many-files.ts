import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RenderedFile } from '../schema/rendered.ts';
import { inside, makeFolder, partialBeside } from './directory.ts';

/** So many at a time: a disk flushes several as fast as one, and threads are left for others. */
const AT_A_TIME = 3;

/**
 * Like `writeFiles`, without holding up the event loop while a disk takes its time. Every file is whole or the old one;
 * the folders are flushed when all have their names. The first trouble ends it; what it had not come to is as before.
 */
export async function writeManyFiles(directory: string, files: Iterable<RenderedFile>): Promise<void> {
  const folders = new Set<string>();
  const waiting = files[Symbol.iterator]();
  const writer = async () => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      const path = inside(directory, next.value.path);
      const folder = dirname(path);
      if (!folders.has(folder)) makeFolder(folder);
      folders.add(folder);
      await writeOne(path, next.value.content);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_A_TIME }, () => writer()));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  for (const folder of folders) await flush(folder);
}

async function writeOne(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = partialBeside(path);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function flush(folder: string): Promise<void> {
  const file = await open(folder, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
