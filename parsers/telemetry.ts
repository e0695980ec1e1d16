import { TelemetryLine } from '../src/schema/telemetry.ts';
import { linesOf } from './evidence.ts';
import { jsonOf } from './json.ts';
import { isUnreadable } from './parser.ts';

/** The lines of telemetry.jsonl, or of a part of it, in their order. */
export interface TelemetryLines {
  readonly lines: readonly TelemetryLine[];
  /** Lines that are torn, or that are no such line: they are left out. */
  readonly unreadable: number;
}

/** The text of telemetry.jsonl, which the sampler writes beside a launch. */
export function parseTelemetry(text: string): TelemetryLines {
  const read = [...linesOf(text)].filter((line) => line.text.trim() !== '').map((line) => parseLine(line.text));
  const lines = read.filter((line) => line !== null);
  return { lines, unreadable: read.length - lines.length };
}

function parseLine(text: string): TelemetryLine | null {
  const line = jsonOf(text, TelemetryLine);
  return isUnreadable(line) || !isPossible(line) ? null : line;
}

/** Sums of its figures stay finite, and are those of a machine. */
function isPossible(line: TelemetryLine): boolean {
  if (line.line === 'begin') return inRange(line.unix_s);
  const { cpu_load, cpu_load_own, cpu_mhz, host_memory_available_bytes } = line;
  const figures = [line.unix_s, cpu_load, cpu_load_own, cpu_mhz, host_memory_available_bytes];
  return [...figures, ...line.gpus.flatMap((gpu) => Object.values(gpu).filter((one) => typeof one === 'number'))].every(
    (figure) => figure === null || inRange(figure),
  );
}

/** Beyond every clock and every memory; a temperature can be below 0. */
function inRange(figure: number): boolean {
  return figure > -1000 && figure < 1e15;
}
