import type { Job, Launch } from '../schema/plan.ts';
import type { Workload } from '../schema/workload.ts';
import type { Notice } from './notice.ts';

/** How far a run is; made from its notices, so every view shows the same. Times are seconds since the run began. */
export interface Progress {
  readonly launches: number;
  readonly measurements: number;
  readonly finished: number;
  readonly failed: number;
  readonly launch: {
    readonly launch: Launch;
    readonly number: number;
    readonly since: number;
    readonly readyAfter: number | null;
  } | null;
  readonly current: { readonly job: Job; readonly repeat: number; readonly since: number } | null;
  readonly lastLine: string;
  readonly seen: Seen;
}

/** What has been measured of this run's own speed. */
interface Seen {
  readonly engineStarts: readonly number[];
  readonly measuredSeconds: number;
  readonly measuredWork: number;
}

export const NOTHING_YET: Progress = {
  launches: 0,
  measurements: 0,
  finished: 0,
  failed: 0,
  launch: null,
  current: null,
  lastLine: '',
  seen: { engineStarts: [], measuredSeconds: 0, measuredWork: 0 },
};

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
      return {
        ...progress,
        launch: { launch: notice.launch, number: notice.number, since: now, readyAfter: null },
        current: null,
      };
    case 'engine-ready':
      return {
        ...progress,
        launch: progress.launch === null ? null : { ...progress.launch, readyAfter: notice.seconds },
        seen: { ...progress.seen, engineStarts: [...progress.seen.engineStarts, notice.seconds] },
      };
    case 'measurement-began':
      return { ...progress, current: { job: notice.job, repeat: notice.repeat, since: now } };
    case 'measured':
      return { ...progress, finished: progress.finished + 1, current: null, seen: learn(progress, notice.job, now) };
    case 'measurement-failed':
      return { ...progress, failed: progress.failed + 1, current: null };
    case 'job-steady':
      return { ...progress, measurements: progress.measurements - notice.spared };
    case 'line':
      return { ...progress, lastLine: notice.text };
    case 'note':
    case 'launch-waiting':
      return progress;
    case 'attempt-ended':
    case 'retrying':
      return { ...progress, launch: null, current: null };
  }
}

function learn(progress: Progress, job: Job, now: number): Seen {
  const { seen, current } = progress;
  if (current === null) return seen;
  return {
    ...seen,
    measuredSeconds: seen.measuredSeconds + now - current.since,
    measuredWork: seen.measuredWork + work(job.workload),
  };
}

/**
 * A rough weight of a measurement: a generated token costs an engine about as much as a dozen prompt tokens. Good enough
 * to tell a long point from a short one before either was measured.
 */
export function work({ num_prompts, prompt_len, shared_len, output_len, prefix_state, warmups }: Workload): number {
  const computed = prefix_state === 'warm' ? prompt_len - shared_len : prompt_len;
  return (num_prompts + warmups) * (computed + 12 * output_len);
}

/** Seconds that are left, from what has been measured so far; null before anything was. */
export function secondsLeft(progress: Progress, leftWork: number, launchesLeft: number): number | null {
  const { engineStarts, measuredSeconds, measuredWork } = progress.seen;
  if (measuredWork === 0 || engineStarts.length === 0) return null;
  const start = engineStarts.reduce((sum, seconds) => sum + seconds, 0) / engineStarts.length;
  return (leftWork * measuredSeconds) / measuredWork + launchesLeft * start;
}
