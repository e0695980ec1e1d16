import { work } from '../plan/duration-guess.ts';
import type { Job, Launch } from '../schema/plan.ts';
import type { Notice } from './notice.ts';

/** How far a run is; made from its notices, so every view shows the same. Times are seconds since the run began. */
export interface Progress {
  readonly launches: number;
  /** Ids of the launches that were started; each counts once, however often it was tried. */
  readonly begun: ReadonlySet<string>;
  readonly measurements: number;
  readonly finished: number;
  readonly failed: number;
  /** Not attempted, since another failure says that they would fail as well. */
  readonly leftOut: number;
  /** In the order in which they were started. */
  readonly running: readonly RunningAttempt[];
  readonly waiting: readonly WaitingLaunch[];
  /** Two have run at once: from then on a line that does not name its launch could be of any. */
  readonly sideBySide: boolean;
  readonly seen: Seen;
}

export interface RunningAttempt {
  readonly attempt: string;
  readonly launch: Launch;
  /** Names of the devices that it is held to; empty where nothing holds it to some. */
  readonly devices: readonly string[];
  readonly since: number;
  /** Seconds that the engine took to start; null while it does. */
  readonly readyAfter: number | null;
  /** Measurements that it was started for, and how many of them need it no longer. */
  readonly wanted: number;
  readonly settled: number;
  readonly current: { readonly job: Job; readonly repeat: number; readonly since: number } | null;
  readonly lastLine: string;
}

/** A launch that would run and cannot yet. */
export interface WaitingLaunch {
  readonly launch: Launch;
  readonly reason: string;
}

/** What has been measured of this run's own speed. */
interface Seen {
  readonly engineStarts: readonly number[];
  readonly measurements: number;
  readonly measuredSeconds: number;
  readonly measuredWork: number;
}

export const NOTHING_YET: Progress = {
  launches: 0,
  begun: new Set(),
  measurements: 0,
  finished: 0,
  failed: 0,
  leftOut: 0,
  running: [],
  waiting: [],
  sideBySide: false,
  seen: { engineStarts: [], measurements: 0, measuredSeconds: 0, measuredWork: 0 },
};

/** Measurements of which nothing more is expected in this run. */
export function settledOf({ finished, failed, leftOut }: Progress): number {
  return finished + failed + leftOut;
}

export function advance(progress: Progress, notice: Notice, now: number): Progress {
  switch (notice.kind) {
    case 'run-started':
      return {
        ...progress,
        launches: notice.launches,
        measurements: notice.measurements,
        finished: notice.alreadyDone,
      };
    case 'attempt-started':
      return started(progress, notice, now);
    case 'engine-ready':
      return {
        ...changed(progress, notice.attempt, () => ({ readyAfter: notice.seconds })),
        seen: { ...progress.seen, engineStarts: [...progress.seen.engineStarts, notice.seconds] },
      };
    case 'measurement-began':
      return changed(progress, notice.attempt, () => ({
        current: { job: notice.job, repeat: notice.repeat, since: now },
      }));
    case 'measured':
      return {
        ...settled(progress, notice.attempt, 1),
        finished: progress.finished + 1,
        seen: learn(progress, notice, now),
      };
    case 'measurement-failed':
      return {
        ...settled(progress, notice.attempt, 1),
        ...(notice.skipped ? { leftOut: progress.leftOut + 1 } : { failed: progress.failed + 1 }),
        waiting: progress.waiting.filter(({ launch }) => !launch.jobs.some(({ id }) => id === notice.job.id)),
      };
    case 'job-steady':
      return {
        ...settled(progress, notice.attempt, notice.spared),
        measurements: progress.measurements - notice.spared,
      };
    case 'line':
      return changed(progress, notice.attempt, () => ({ lastLine: notice.text }));
    case 'note':
      return progress;
    case 'launch-waiting':
      return waits(progress, notice.launch, notice.reason);
    case 'retrying':
      return waits(progress, notice.launch, retryWords(notice));
    case 'attempt-ended':
      return { ...progress, running: progress.running.filter(({ attempt }) => attempt !== notice.attempt) };
  }
}

/** `trying again in 10 s (retry 1 of 2)` */
export function retryWords({ inSeconds, retry, of }: Extract<Notice, { kind: 'retrying' }>): string {
  return `trying again in ${Math.round(inSeconds)} s (retry ${retry} of ${of})`;
}

function started(
  progress: Progress,
  { attempt, launch, devices, wanted }: Extract<Notice, { kind: 'attempt-started' }>,
  now: number,
): Progress {
  const one = { attempt, launch, devices, wanted, since: now, readyAfter: null, settled: 0, current: null };
  const running = [...progress.running, { ...one, lastLine: '' }];
  return {
    ...progress,
    running,
    begun: new Set([...progress.begun, launch.id]),
    waiting: progress.waiting.filter((other) => other.launch.id !== launch.id),
    sideBySide: progress.sideBySide || running.length > 1,
  };
}

function waits(progress: Progress, launch: Launch, reason: string): Progress {
  const others = progress.waiting.filter((other) => other.launch.id !== launch.id);
  return { ...progress, waiting: [...others, { launch, reason }] };
}

function settled(progress: Progress, attempt: string, count: number): Progress {
  return changed(progress, attempt, (one) => ({ settled: one.settled + count, current: null }));
}

function changed(
  progress: Progress,
  attempt: string,
  change: (one: RunningAttempt) => Partial<RunningAttempt>,
): Progress {
  const running = progress.running.map((one) => (one.attempt === attempt ? { ...one, ...change(one) } : one));
  return { ...progress, running };
}

function learn(progress: Progress, { attempt, job }: Extract<Notice, { kind: 'measured' }>, now: number): Seen {
  const { seen, running } = progress;
  const current = running.find((one) => one.attempt === attempt)?.current ?? null;
  if (current === null) return seen;
  return {
    ...seen,
    measurements: seen.measurements + 1,
    measuredSeconds: seen.measuredSeconds + now - current.since,
    measuredWork: seen.measuredWork + work(job.workload),
  };
}

/** Seconds that an engine takes to start, that a unit of work takes, and that a measurement takes, on average. */
interface Speed {
  readonly engineStart: number;
  readonly perWork: number;
  readonly measurement: number;
}

/**
 * Seconds that are left, from what has been measured so far; null before anything was. What is left is shared by as many
 * launches as run now, and takes no less than what one of these has still to do.
 */
export function secondsLeft(progress: Progress, now: number): number | null {
  const speed = speedOf(progress.seen);
  if (speed === null) return null;
  const { running, measurements, launches, begun } = progress;
  const own = running.map((one) => ownSecondsLeft(one, speed, now));
  // Of launches that do not run now, only the number of their measurements is known here.
  const others = measurements - settledOf(progress) - running.reduce((sum, one) => sum + openOf(one), 0);
  const later = others <= 0 ? 0 : others * speed.measurement + (launches - begun.size) * speed.engineStart;
  const total = own.reduce((sum, seconds) => sum + seconds, later);
  return Math.max(total / Math.max(1, running.length), ...own);
}

function speedOf({ engineStarts, measurements, measuredSeconds, measuredWork }: Seen): Speed | null {
  if (measurements === 0 || measuredWork === 0) return null;
  return {
    // A driver that does not tell when its engine is ready has the start in its measurements.
    engineStart: engineStarts.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, engineStarts.length),
    perWork: measuredSeconds / measuredWork,
    measurement: measuredSeconds / measurements,
  };
}

function ownSecondsLeft(one: RunningAttempt, { engineStart, perWork }: Speed, now: number): number {
  const { jobs } = one.launch;
  const each = (perWork * jobs.reduce((sum, { workload }) => sum + work(workload), 0)) / Math.max(1, jobs.length);
  if (one.readyAfter === null) return openOf(one) * each + Math.max(0, engineStart - (now - one.since));
  if (one.current === null) return openOf(one) * each;
  const current = perWork * work(one.current.job.workload);
  return Math.max(0, openOf(one) - 1) * each + Math.max(0, current - (now - one.current.since));
}

function openOf({ wanted, settled: done }: RunningAttempt): number {
  return Math.max(0, wanted - done);
}
