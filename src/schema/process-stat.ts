/** What the kernel tells of a process in one line, proc_pid_stat(5), as far as it is needed. */
export interface ProcessStat {
  /** Dead, and at most not yet waited for: it holds nothing but its number. */
  readonly ended: boolean;
  /** When it began, in ticks of the kernel's clock (field 22); null in a line that has no such field. */
  readonly start: number | null;
}

/** Zombie and dead, as proc_pid_stat(5) has them; `x` is of Linux 2.6.33 to 3.13. */
const ENDED_STATES = ['Z', 'X', 'x'];

/** Reads the text of /proc/PID/stat. */
export function parseProcessStat(text: string): ProcessStat {
  // The name before the last bracket may hold anything; the state, field 3, comes after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const start = fields[22 - 3] ?? '';
  return { ended: ENDED_STATES.includes(fields[0] ?? ''), start: /^\d+$/.test(start) ? Number(start) : null };
}
