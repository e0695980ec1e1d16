/** A launch as the schedule sees it. */
export interface Task {
  readonly id: string;
  /** Devices that it takes; at least 1. */
  readonly devices: number;
  /** How long it is expected to take; an estimate, which only decides who goes first. */
  readonly seconds: number;
  /** Nothing else runs beside it. */
  readonly exclusive: boolean;
}

export interface RunningTask {
  readonly task: Task;
  /** On the clock of `now`, in seconds. */
  readonly since: number;
}

/**
 * The tasks of `waiting`, which stand in order of priority, that may start at `now`.
 *
 * They start in order until one does not fit. It gets a reservation: the time at which enough devices are free if
 * everything that runs ends as expected. A task behind it may go before it only if it is expected to end by then, or
 * takes devices that the reserved task leaves over (EASY backfilling: D. A. Lifka, The ANL/IBM SP Scheduling System,
 * Job Scheduling Strategies for Parallel Processing, 1995). When the time has come and the devices are not free, an
 * expectation was wrong, and from then on nothing goes before it: it waits for no task but those that started before
 * that time, however long they really take and whatever else is added.
 *
 * @throws RangeError when a task takes more devices than there are: it would wait for ever
 */
export function nextToStart<T extends Task>(
  waiting: readonly T[],
  running: readonly RunningTask[],
  devices: number,
  now: number,
): T[] {
  const held = running.map(({ task, since }) => ({ until: since + task.seconds, devices: widthOf(task, devices) }));
  let free = devices - total(held.map((one) => one.devices));
  const starting: T[] = [];
  let reserved: Reservation | null = null;
  for (const task of waiting) {
    if (free <= 0) break;
    const width = widthOf(task, devices);
    const until = now + task.seconds;
    if (width > free) {
      reserved ??= reservationOf(width, held, free, now);
      continue;
    }
    if (reserved !== null && !mayGoBefore(reserved, width, until, now)) continue;
    free -= width;
    held.push({ until, devices: width });
    starting.push(task);
  }
  return starting;
}

interface Held {
  readonly until: number;
  readonly devices: number;
}

interface Reservation {
  /** When the devices of the reserved task are expected to be free. */
  readonly at: number;
  /** Devices that will be free then beyond those that it takes. */
  over: number;
}

function reservationOf(width: number, held: readonly Held[], free: number, now: number): Reservation {
  let at = now;
  let then = free;
  for (const one of held.toSorted((a, b) => a.until - b.until)) {
    if (then >= width && one.until > at) break;
    at = Math.max(at, one.until);
    then += one.devices;
  }
  return { at, over: then - width };
}

function mayGoBefore(reserved: Reservation, width: number, until: number, now: number): boolean {
  if (reserved.at <= now) return false;
  if (until <= reserved.at) return true;
  if (width > reserved.over) return false;
  reserved.over -= width;
  return true;
}

/** Devices that a task keeps from others: all of them, when nothing may run beside it. */
export function widthOf({ id, devices: wanted, exclusive }: Task, devices: number): number {
  if (wanted > devices) throw new RangeError(`${id} takes ${wanted} devices of ${devices}`);
  return exclusive ? devices : wanted;
}

/** When a task of a schedule starts and ends; seconds from the beginning of the schedule. */
export interface Timed<T extends Task = Task> {
  readonly task: T;
  readonly start: number;
  readonly end: number;
}

/**
 * What `nextToStart` makes of tasks in this order of priority, in order of their starts.
 *
 * @param secondsOf how long a task really takes, if not as long as expected
 * @param among out of how many that wait those are chosen that start next; all of thousands take long
 */
export function simulate<T extends Task>(
  order: readonly T[],
  devices: number,
  secondsOf: (task: T) => number = ({ seconds }) => seconds,
  among = Number.POSITIVE_INFINITY,
): Timed<T>[] {
  const schedule: Timed<T>[] = [];
  const waiting = [...order];
  let running: (Timed<T> & RunningTask)[] = [];
  let now = 0;
  while (waiting.length > 0) {
    const starting = nextToStart(waiting.length > among ? waiting.slice(0, among) : waiting, running, devices, now);
    for (const task of starting) {
      waiting.splice(waiting.indexOf(task), 1);
      const timed = { task, since: now, start: now, end: now + secondsOf(task) };
      schedule.push(timed);
      running.push(timed);
    }
    now = Math.min(...running.map(({ end }) => end));
    running = running.filter(({ end }) => end > now);
  }
  return schedule;
}

/** Seconds until the last task of a schedule has ended. */
export function makespanOf(schedule: readonly Timed[]): number {
  return schedule.reduce((last, { end }) => Math.max(last, end), 0);
}

/**
 * No schedule is shorter: neither can the devices do more than `devices` seconds of work in a second, nor can a task
 * take less time than it takes.
 */
export function lowerBound(tasks: readonly Task[], devices: number): number {
  const work = total(tasks.map((task) => widthOf(task, devices) * task.seconds));
  return tasks.reduce((longest, { seconds }) => Math.max(longest, seconds), work / devices);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
