import { readdirSync, readFileSync } from 'node:fs';
import { parseProcessStat } from '../schema/process-stat.ts';
import { MARKER_VARIABLE } from './executor.ts';

/** A live process of a launch. */
export interface MarkedProcess {
  readonly pid: number;
  readonly marker: string;
  /** When it began, in ticks of the kernel's clock: the same number with another start is another process. */
  readonly start: number;
  readonly command: string;
}

const NAME = `${MARKER_VARIABLE}=`;

/**
 * Every live process whose environment carries one of the markers, wherever it stands in the process tree: a child that
 * made its own session or lost its parent is found too. Linux only; elsewhere the list is empty.
 */
export function markedProcesses(markers: readonly string[], proc = '/proc'): MarkedProcess[] {
  if (markers.length === 0) return [];
  const wanted = new Set(markers);
  return pids(proc).flatMap((pid) => {
    const variables = read(`${proc}/${pid}/environ`)?.split('\0') ?? [];
    const marker = variables.find((variable) => variable.startsWith(NAME))?.slice(NAME.length);
    if (marker === undefined || !wanted.has(marker)) return [];
    const start = startOf(pid, proc);
    if (start === null) return [];
    return [{ pid, marker, start, command: (read(`${proc}/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim() }];
  });
}

/**
 * When a live process began, in ticks of the kernel's clock; null when there is none. A zombie is none: it holds nothing
 * but its number.
 */
export function startOf(pid: number, proc = '/proc'): number | null {
  const stat = read(`${proc}/${pid}/stat`);
  if (stat === null) return null;
  const { ended, start } = parseProcessStat(stat);
  return ended ? null : start;
}

function pids(proc: string): number[] {
  try {
    return readdirSync(proc)
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
