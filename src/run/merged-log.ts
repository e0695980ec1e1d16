import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Both streams of a launch in one file, in the order in which they were seen; lines are counted from 1. */
export interface MergedLog {
  /** Number of the last line that was written. */
  readonly lines: number;
  write(line: string): void;
  close(): void;
}

export function openMergedLog(path: string): MergedLog {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a');
  let lines = 0;
  return {
    get lines() {
      return lines;
    },
    write: (line) => {
      writeSync(file, `${line}\n`);
      lines += 1;
    },
    close: () => closeSync(file),
  };
}
