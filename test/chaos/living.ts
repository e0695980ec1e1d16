import { existsSync, globSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A process, and its command. */
export interface Living {
  readonly pid: number;
  readonly command: string;
}

/** Processes that work in the output directory, or carry the marker of one of its attempts. */
export function livingIn(out: string): Living[] {
  const text = existsSync(join(out, 'events.jsonl')) ? readFileSync(join(out, 'events.jsonl'), 'utf8') : '';
  const markers = new Set(
    [...text.matchAll(/"marker":"([^"]+)"/g)].map(([, marker]) => `ORCHESTRATE_MARKER=${marker}`),
  );
  return globSync('/proc/[0-9]*').flatMap((path) => {
    try {
      const command = readFileSync(join(path, 'cmdline'), 'utf8').replaceAll('\0', ' ').trim();
      const isMarked = readFileSync(join(path, 'environ'), 'utf8')
        .split('\0')
        .some((variable) => markers.has(variable));
      const isOurs = isMarked || readlinkSync(join(path, 'cwd')).startsWith(`${out}/`);
      // A zombie has no command.
      return command !== '' && isOurs ? [{ pid: Number(basename(path)), command }] : [];
    } catch {
      return []; // gone meanwhile
    }
  });
}

/** After a test, whatever it found. */
export function endAll(out: string): void {
  for (const { pid } of livingIn(out)) process.kill(pid, 'SIGKILL');
}
