import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JobSection } from '../../parsers/driver-log.ts';
import type { AttemptStarted, JournalEvent, Measured } from '../journal/events.ts';
import type { Facts } from '../schema/facts.ts';
import type { Job, Launch, Plan } from '../schema/plan.ts';
import { AttemptLog } from './attempt-log.ts';
import { contradictionsOf, driverLogOf, sectionKey } from './contradictions.ts';
import { problemOf } from './evidence.ts';
import { attemptDirectory, LAYOUT } from './layout.ts';
import { Ledger } from './ledger.ts';
import { type MeasurementRead, readResident, readStock } from './read-measurement.ts';

/**
 * Everything that a directory's evidence says about the jobs of a plan, read anew from the files: `report` uses nothing
 * else, and a resumed run starts from it. A measurement whose file is gone or torn is not in it, and is made again.
 */
export function collect(plan: Plan, directory: string, events: readonly JournalEvent[]): Ledger {
  const ledger = new Ledger(plan);
  const launches = new Map(plan.launches.map((launch) => [launch.id, launch]));
  const attempts = new Map<string, Attempt>();
  for (const event of events) {
    if (event.event === 'attempt_started') {
      const { attempt } = event;
      const log = new AttemptLog(attemptDirectory(directory, attempt));
      const driver = driverLogOf(directory, attempt);
      ledger.notes.push(...contradictionsOf(directory, attempt, driver));
      attempts.set(attempt, { started: event, log, sections: Map.groupBy(driver.sections, sectionKey) });
    }
  }
  for (const event of events) {
    if (event.event !== 'measured' && event.event !== 'measurement_failed' && event.event !== 'engine_ready') continue;
    const attempt = attempts.get(event.attempt);
    const planned = attempt === undefined ? undefined : launches.get(attempt.started.launch);
    if (attempt === undefined || planned === undefined) continue;
    const launch = startedAs(planned, attempt.started);
    const log = (lines: readonly [number, number] | null) =>
      lines === null ? null : { file: attempt.started.log, first_line: lines[0], last_line: lines[1] };
    if (event.event === 'engine_ready') ledger.engineStarted(event.attempt, event.seconds);
    else if (event.event === 'measurement_failed') {
      const reason = { code: event.class, message: event.reason };
      ledger.failed(event.job, { start: event.start, repeat: event.repeat, reason }, log(event.lines));
    } else {
      const job = launch.jobs.find(({ id }) => id === event.job);
      const read = job === undefined ? null : reread(event, { attempt, launch, job, directory, facts: plan.facts });
      if (read !== null && 'unmeasured' in read) {
        // It was readable when the run noted it. It is made again, and until then its record says what is wrong.
        const failure = { start: event.start, repeat: event.repeat, reason: read.unmeasured };
        ledger.failed(event.job, failure, log(event.lines));
      } else if (read !== null) {
        ledger.measured(event.job, read.sample, read.engine, log(event.lines), read.ran);
      }
    }
  }
  for (const { job, attempt } of untold(directory, events)) ledger.foundUntold(job, attempt);
  return ledger;
}

/** Measurement files that the journal does not tell of: it was lost, or the orchestrator was killed just then. */
function untold(directory: string, events: readonly JournalEvent[]): { job: string; attempt: string }[] {
  const told = new Set(
    events.flatMap((event) =>
      event.event === 'measured' || event.event === 'measurement_failed'
        ? [`${event.attempt}/${event.job}.r${event.repeat}`]
        : [],
    ),
  );
  return namesIn(join(directory, LAYOUT.attempts)).flatMap((attempt) =>
    namesIn(attemptDirectory(directory, attempt)).flatMap((name) => {
      const { key = '', job = '' } = /^(?<key>(?<job>.+)\.r\d+)(?:\.output)?\.json$/.exec(name)?.groups ?? {};
      return job === '' || told.has(`${attempt}/${key}`) ? [] : [{ job, attempt }];
    }),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

interface Attempt {
  readonly started: AttemptStarted;
  readonly log: AttemptLog;
  /** Of its driver's log, by job and repeat: one each, unless the log contradicts itself. */
  readonly sections: ReadonlyMap<string, readonly JobSection[]>;
}

function reread(
  event: Measured,
  {
    attempt,
    launch,
    job,
    directory,
    facts,
  }: { attempt: Attempt; launch: Launch; job: Job; directory: string; facts: Facts },
): MeasurementRead {
  const place = { directory, facts, attempt: event.attempt, log: attempt.log, launch, job, repeat: event.repeat };
  const stdout = join(attemptDirectory(directory, event.attempt), 'stdout.log');
  const problem = problemOf(stdout);
  if (problem !== null) return { unmeasured: { code: 'no-result', message: `the attempt's stdout.log ${problem}` } };
  if (event.outcome !== null) return readStock(place, event.outcome);
  return readResident(place, attempt.sections.get(sectionKey(event)) ?? []);
}

/** The launch as that attempt started it: what was asked then is what its measurements are held against. */
function startedAs(launch: Launch, { max_model_len }: AttemptStarted): Launch {
  return { ...launch, max_model_len: { ...launch.max_model_len, value: max_model_len } };
}
