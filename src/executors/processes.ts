import { readdirSync, readFileSync } from 'node:fs';
import { MARKER_VARIABLE } from './executor.ts';

/** A live process of a launch. */
export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Every live process whose environment carries the marker, wherever it stands in the process tree: a child that made
 * its own session or lost its parent is found too. Linux only; elsewhere the list is empty.
 */
export function markedProcesses(marker: string): MarkedProcess[] {
  const wanted = `${MARKER_VARIABLE}=${marker}`;
  return pids().flatMap((pid) => {
    const environment = read(`/proc/${pid}/environ`);
    if (environment === null || !environment.split('\0').includes(wanted)) return [];
    // A zombie holds nothing but its number, and its environment is empty; one between the two reads may slip in.
    const state = /\) (?<state>\S)/.exec(read(`/proc/${pid}/stat`) ?? '')?.groups?.['state'];
    return state === undefined || state === 'Z'
      ? []
      : [{ pid, command: (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim() }];
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid);
  } catch {
    return [];
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
