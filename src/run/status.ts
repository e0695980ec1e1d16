import type { LockHolder } from '../environment/directory-lock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { durationsOf } from '../plan/duration.ts';
import { lowerBound } from '../plan/schedule.ts';
import { FAILURE_CLASSES, type FailureClass } from '../schema/failure-class.ts';
import type { Launch, Plan } from '../schema/plan.ts';
import { sharedDevices } from './shared-devices.ts';
import { Tally } from './tally.ts';

/** How far a run is, as its plan, its journal and its lock tell. This is what `status --json` prints; keys only get more. */
export interface RunStatus {
  readonly schema: 1;
  /** `stopped`: not finished, and nobody carries it on. */
  readonly state: 'running' | 'stopped' | 'finished';
  /** Who holds the directory, alive or not; null: nobody. */
  readonly orchestrator: LockHolder | null;
  /** Of the latest run of the directory; null where there was none. */
  readonly started_at: string | null;
  readonly last_event_at: string | null;
  /** What stopped the latest run in order, such as `SIGINT`. */
  readonly interrupted_by: string | null;
  readonly points: { readonly planned: number; readonly cannot_be_measured: number };
  readonly measurements: {
    readonly asked: number;
    /** Points may end before all that is asked for, when they are steady. */
    readonly at_most: boolean;
    readonly measured: number;
    /** Of the measured ones. */
    readonly invalid: number;
    /** In the latest run, as `left_out`: a later one tries them again. */
    readonly failed: number;
    readonly left_out: number;
    readonly left: number;
  };
  /** Attempts that have not ended: what runs now, or what was cut off. */
  readonly open_attempts: readonly OpenAttempt[];
  /** Of the latest run. */
  readonly last_failure: LastFailure | null;
  /** Expected from what was measured in this directory; null where nothing was, and where nothing runs. */
  readonly seconds_left: number | null;
  /** The command of the latest run; null in an older journal. */
  readonly typed: { readonly command: string; readonly cwd: string; readonly directory: string } | null;
}

export interface OpenAttempt {
  readonly attempt: string;
  readonly launch: string;
  readonly start: number;
  readonly devices: readonly string[];
  /** `benchmark`: vLLM's own, which does not tell when its engine is ready. */
  readonly phase: 'loading' | 'measuring' | 'benchmark';
  /** When the phase began. */
  readonly since: string;
  /** Measurements that this attempt has made. */
  readonly measured: number;
}

export interface LastFailure {
  readonly at: string;
  readonly run_name: string;
  readonly class: string;
  readonly reason: string;
  /** What happened and what to do; null for a class that this version does not know. */
  readonly happened: string | null;
  readonly remedy: string | null;
}

/** Everything that can be told of a directory without reading its evidence. */
export interface Told {
  readonly plan: Plan;
  readonly events: readonly JournalEvent[];
  readonly holder: LockHolder | null;
  readonly now: Date;
}

/** Says how far a run is; pure, and fast enough for a journal of tens of thousands of lines. */
export function statusOf({ plan, events, holder, now }: Told): RunStatus {
  const begin = events.findLastIndex(({ event }) => event === 'run_started');
  const latest = begin < 0 ? [] : events.slice(begin);
  const [first] = latest;
  const ended = latest.findLast((event) => event.event === 'run_ended');
  const isRunning = holder !== null && holder.alive !== false;
  const tally = new Tally(plan, events, begin);
  const open = openAttempts(plan, latest);
  return {
    schema: 1,
    state: isRunning ? 'running' : ended?.interrupted_by === null ? 'finished' : 'stopped',
    orchestrator: holder,
    started_at: first?.at ?? null,
    last_event_at: events.at(-1)?.at ?? null,
    interrupted_by: ended?.interrupted_by ?? null,
    points: { planned: tally.points, cannot_be_measured: plan.skipped.length },
    measurements: tally.counts(),
    open_attempts: open.map(({ told }) => told),
    last_failure: lastFailure(plan, latest),
    seconds_left: isRunning ? expected({ plan, events, holder, now }, tally, open) : null,
    typed: first?.event === 'run_started' ? (first.typed ?? null) : null,
  };
}

interface Open {
  readonly launch: Launch;
  readonly told: OpenAttempt;
}

function openAttempts(plan: Plan, latest: readonly JournalEvent[]): Open[] {
  const ended = new Set(latest.flatMap((event) => (event.event === 'attempt_ended' ? [event.attempt] : [])));
  const launches = new Map(plan.launches.map((launch) => [launch.id, launch]));
  return latest.flatMap((event) => {
    const launch = event.event === 'attempt_started' ? launches.get(event.launch) : undefined;
    if (event.event !== 'attempt_started' || launch === undefined || ended.has(event.attempt)) return [];
    const { attempt, start, devices } = event;
    const own = latest.filter((other) => 'attempt' in other && other.attempt === attempt);
    const ready = own.find((other) => other.event === 'engine_ready');
    const phase =
      launch.engine.driver.kind !== 'resident' ? 'benchmark' : ready === undefined ? 'loading' : 'measuring';
    const measured = own.filter((other) => other.event === 'measured').length;
    const told = { attempt, launch: launch.name, start, devices, phase, since: (ready ?? event).at, measured } as const;
    return [{ launch, told }];
  });
}

function lastFailure(plan: Plan, latest: readonly JournalEvent[]): LastFailure | null {
  const failure = latest.findLast((event) => event.event === 'measurement_failed');
  if (failure === undefined) return null;
  const { at, job: id, reason } = failure;
  const job = plan.launches.flatMap(({ jobs }) => jobs).find((one) => one.id === id);
  const known: FailureClass | undefined = Object.entries(FAILURE_CLASSES).find(([name]) => name === failure.class)?.[1];
  const { happened = null, remedy = null } = known ?? {};
  return { at, run_name: job?.run_name ?? id, class: failure.class, reason, happened, remedy };
}

/**
 * Seconds that the devices need at least for what is left, each launch as long as earlier ones let expect. How launches
 * are put side by side comes close to it (docs/scheduling.md).
 */
function expected({ plan, events, now }: Told, tally: Tally, open: readonly Open[]): number | null {
  if (!events.some(({ event }) => event === 'measured')) return null;
  const { pool, widthOf } = sharedDevices(plan.facts.devices, null);
  const secondsOf = durationsOf(plan, events);
  const tasks = plan.launches.map((launch) => {
    const wanted = tally.openOf(launch.id);
    const start = secondsOf({ launch, wanted: [] });
    const attempt = open.find((one) => one.launch.id === launch.id)?.told ?? null;
    const isBegun = attempt !== null && attempt.phase !== 'loading';
    const loaded = attempt === null ? 0 : isBegun ? start : Math.min(start, secondsSince(attempt.since, now));
    const seconds = wanted.length === 0 ? 0 : Math.max(0, secondsOf({ launch, wanted }) - loaded);
    return { id: launch.id, devices: Math.min(widthOf(launch), pool.size), seconds, exclusive: launch.exclusive };
  });
  return lowerBound(tasks, pool.size);
}

function secondsSince(at: string, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(at)) / 1000);
}
