import { workersOf } from '../config/workers.ts';
import type { Launch, Plan } from '../schema/plan.ts';
import { type Guess, guessOf } from './duration-guess.ts';
import type { RemainingLaunch } from './remaining.ts';

/** What is read of a line of the journal. */
export interface PastEvent {
  readonly event: string;
  readonly at: string;
  readonly attempt?: string;
  readonly launch?: string;
  readonly job?: string;
  /** Of `engine_ready`: how long the engine took to start. */
  readonly seconds?: number;
}

/**
 * How many seconds a launch is expected to take, from what earlier attempts of the plan took.
 *
 * A job that its engine measured before takes as long again, on average. Everything else is a guess (`guessOf`) times
 * what guesses were wrong by so far: for launches of the same engine settings, or if there are none for those of the
 * same model on as many devices, of the same model, of the whole plan. With no history at all the guesses stand: good
 * enough to tell a long launch from a short one.
 *
 * More measurements never make it less, nor does a job that was not measured yet and has more prompts or longer ones,
 * or a larger model.
 */
export function durationsOf(plan: Plan, events: Iterable<PastEvent>): (remaining: RemainingLaunch) => number {
  const history = historyOf(plan, events);
  return ({ launch, wanted }) => {
    const guess = guessOf(launch, plan.facts);
    const kin = kinOf(launch);
    const measuring = ratioOf(history.measurements, kin);
    return wanted.reduce(
      (sum, { job }) => sum + (meanOf(history.jobs.get(job.id)) ?? guess.measurement(job.workload) * measuring),
      guess.start * ratioOf(history.starts, kin),
    );
  };
}

/** Seconds that were seen, and the number or the guessed seconds of what was seen. */
interface Tally {
  seen: number;
  of: number;
}
type Tallies = Map<string, Tally>;

interface History {
  /** Kin of a launch -> seconds of engine starts, guessed seconds. */
  readonly starts: Tallies;
  /** Kin of a launch -> seconds of measurements, guessed seconds. */
  readonly measurements: Tallies;
  /** Job -> seconds of its measurements, their number. */
  readonly jobs: Tallies;
}

interface Attempt {
  readonly kin: readonly string[];
  readonly guess: Guess;
  /** Of the last event, in seconds. */
  since: number;
}

/** A measurement takes the time since the event before it in its attempt: warm-up and reset are part of it. */
function historyOf(plan: Plan, events: Iterable<PastEvent>): History {
  const history: History = { starts: new Map(), measurements: new Map(), jobs: new Map() };
  const launches = new Map(plan.launches.map((launch) => [launch.id, launch]));
  const jobs = new Map(plan.launches.flatMap((launch) => launch.jobs.map((job) => [job.id, job])));
  const attempts = new Map<string, Attempt>();
  for (const { event, at, attempt: name = '', launch: id = '', job: jobId = '', seconds } of events) {
    const now = Date.parse(at) / 1000;
    const launch = event === 'attempt_started' ? launches.get(id) : undefined;
    if (launch !== undefined)
      attempts.set(name, { kin: kinOf(launch), guess: guessOf(launch, plan.facts), since: now });
    const attempt = attempts.get(name);
    if (attempt === undefined) continue;
    // A time that cannot be read tells nothing.
    const took = Math.max(0, now - attempt.since) || 0;
    attempt.since = now;
    if (event === 'engine_ready') add(history.starts, attempt.kin, seconds ?? took, attempt.guess.start);
    const job = event === 'measured' ? jobs.get(jobId) : undefined;
    if (job === undefined) continue;
    add(history.measurements, attempt.kin, took, attempt.guess.measurement(job.workload));
    add(history.jobs, [job.id], took, 1);
  }
  return history;
}

function add(tallies: Tallies, keys: readonly string[], seen: number, of: number): void {
  for (const key of keys) {
    const before = tallies.get(key) ?? { seen: 0, of: 0 };
    tallies.set(key, { seen: before.seen + seen, of: before.of + of });
  }
}

function meanOf(tally: Tally | undefined): number | null {
  return tally === undefined || tally.of === 0 ? null : tally.seen / tally.of;
}

/** Of the closest kin of which something was seen; 1 where nothing was. */
function ratioOf(tallies: Tallies, kin: readonly string[]): number {
  return kin.map((key) => meanOf(tallies.get(key))).find((ratio) => ratio !== null) ?? 1;
}

/** Sets of launches that this one belongs to, the smallest first. */
function kinOf({ group, engine }: Launch): string[] {
  const { driver, model, checkpoint } = engine;
  const ofModel = [driver.kind, checkpoint ?? model];
  return [[group], [...ofModel, workersOf(engine)], ofModel, [driver.kind]].map((parts) => JSON.stringify(parts));
}
