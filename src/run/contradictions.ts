import { join } from 'node:path';
import { type DriverLog, type JobSection, parseDriverLog } from '../../parsers/driver-log.ts';
import { LaunchFile } from '../schema/driver-protocol.ts';
import { linesOfEvidence, readEvidence } from './evidence.ts';
import { attemptDirectory, LAYOUT } from './layout.ts';

/** The driver's stdout of an attempt; nothing is in it when the file cannot be read. */
export function driverLogOf(directory: string, attempt: string): DriverLog {
  return parseDriverLog(linesOfEvidence(join(attemptDirectory(directory, attempt), 'stdout.log')));
}

/**
 * What the driver's log of an attempt says that cannot be, and that no record tells: measurements which its launch.json
 * does not ask for, and lines of the driver that cannot be read. A sentence each.
 */
export function contradictionsOf(directory: string, attempt: string, { sections, unreadable }: DriverLog): string[] {
  const asked = askedOf(readEvidence(join(attemptDirectory(directory, attempt), 'launch.json')));
  const strangers = asked === null ? [] : sections.filter((section) => !asked.has(sectionKey(section)));
  const [stranger] = strangers;
  const [line] = unreadable;
  const log = `${LAYOUT.attempts}/${attempt}/stdout.log`;
  return [
    ...(stranger === undefined
      ? []
      : [
          `${log} tells of ${count(strangers.length, 'measurement')} that this attempt was not asked for, first ` +
            `of job ${short(stranger.job)}, repeat ${stranger.repeat} (line ${stranger.first_line}): not counted`,
        ]),
    ...(line === undefined
      ? []
      : [
          `${log} has ${count(unreadable.length, 'line')} of its driver that cannot be read or cannot stand there, ` +
            `first line ${line.line}: ${short(line.value)}`,
        ]),
  ];
}

/** Null when nobody can tell: vLLM's own benchmark has no launch.json. */
function askedOf(evidence: ReturnType<typeof readEvidence>): ReadonlySet<string> | null {
  if (evidence === null || 'unreadable' in evidence) return null;
  try {
    const { jobs, measurements } = LaunchFile.parse(JSON.parse(evidence.text));
    return new Set(measurements.map(({ job, repeat }) => sectionKey({ job: jobs[job]?.id ?? '', repeat })));
  } catch {
    return null;
  }
}

/** Which measurement a section of a driver's log is of. */
export function sectionKey({ job, repeat }: Pick<JobSection, 'job' | 'repeat'>): string {
  return `${job}/${repeat}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** What stands in a log may be of any length and hold anything. */
function short(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 120);
}
