import type { DriverEvent } from '../src/schema/driver-protocol.ts';
import type { Line, Lines } from '../src/schema/evidence.ts';
import { parseDriverEvent } from './driver-event.ts';
import { type Found, isUnreadable } from './parser.ts';
import { type ThroughputReader, type ThroughputRun, throughputReader } from './vllm-throughput.ts';

/** What a driver's stdout says about one measurement, and the lines (1-based, inclusive) that belong to it. */
export interface JobSection {
  readonly job: string;
  readonly run_name: string;
  readonly repeat: number;
  readonly first_line: number;
  readonly last_line: number;
  /** `cut`: the next measurement or the end of the log came before its own end. */
  readonly ended: 'end' | 'failed' | 'cut';
  /** The measurement file that the driver says it wrote. */
  readonly file: string | null;
  readonly error: string | null;
  readonly printed: ThroughputRun;
}

export interface DriverLog {
  readonly events: readonly Found<DriverEvent>[];
  /** Lines that are marked as the driver's and cannot be read, or do not fit where they stand. */
  readonly unreadable: readonly Found<string>[];
  readonly sections: readonly JobSection[];
}

/** Reads a driver's whole stdout. */
export function parseDriverLog(stdout: Lines): DriverLog {
  const reader = driverLogReader();
  const events: Found<DriverEvent>[] = [];
  const unreadable: Found<string>[] = [];
  const sections: JobSection[] = [];
  for (const line of stdout) {
    const heard = reader.read(line);
    if (heard.event !== null) events.push({ value: heard.event, line: line.number });
    if (heard.unreadable !== null && unreadable.length < MOST_UNREADABLE) {
      unreadable.push({ value: heard.unreadable, line: line.number });
    }
    if (heard.closed !== null) sections.push(heard.closed);
  }
  const last = reader.end();
  return { events, unreadable, sections: last === null ? sections : [...sections, last] };
}

/** A flood of torn events says no more than the first of them. */
const MOST_UNREADABLE = 100;

/** What one line said: an event, the measurement that it closes, or why it cannot be right. */
export interface Heard {
  readonly event: DriverEvent | null;
  readonly closed: JobSection | null;
  readonly unreadable: string | null;
}

export interface DriverLogReader {
  read(line: Line): Heard;
  /** The measurement that was still open when the log ended. */
  end(): JobSection | null;
}

/** Reads a driver's stdout line by line, while it is being written. */
export function driverLogReader(): DriverLogReader {
  let open: Open | null = null;
  let lastLine = 0;

  function hear(event: DriverEvent, line: Line): Heard {
    if (event.event === 'job_begin') {
      const cut = open === null ? null : close(open, null, line.number - 1);
      open = { begin: event, first_line: line.number, reader: throughputReader() };
      return { event, closed: cut, unreadable: null };
    }
    if (event.event !== 'job_end' && event.event !== 'job_failed') return { event, closed: null, unreadable: null };
    if (open?.begin.job !== event.job || open.begin.repeat !== event.repeat) {
      const unreadable = `${event.event} of job ${event.job}, repeat ${event.repeat}, which is not the one that began`;
      return { event: null, closed: null, unreadable };
    }
    const closed = close(open, event, line.number);
    open = null;
    return { event, closed, unreadable: null };
  }

  return {
    read(line) {
      lastLine = line.number;
      const event = parseDriverEvent(line);
      if (event === null) open?.reader.stdout(line);
      if (event === null || isUnreadable(event)) {
        return { event: null, closed: null, unreadable: event === null ? null : event.unreadable };
      }
      return hear(event, line);
    },
    end: () => (open === null ? null : close(open, null, lastLine)),
  };
}

interface Open {
  readonly begin: Extract<DriverEvent, { event: 'job_begin' }>;
  readonly first_line: number;
  readonly reader: ThroughputReader;
}

type Ending = Extract<DriverEvent, { event: 'job_end' | 'job_failed' }>;

function close(open: Open, ending: Ending | null, last_line: number): JobSection {
  return {
    job: open.begin.job,
    run_name: open.begin.run_name,
    repeat: open.begin.repeat,
    first_line: open.first_line,
    last_line,
    ended: ending === null ? 'cut' : ending.event === 'job_end' ? 'end' : 'failed',
    file: ending?.event === 'job_end' ? ending.file : null,
    error: ending?.event === 'job_failed' ? ending.error : null,
    printed: open.reader.run(),
  };
}
