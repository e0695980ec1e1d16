import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type JobSection, parseDriverLog } from '../../parsers/driver-log.ts';
import type { AttemptStarted, JournalEvent, Measured } from '../journal/events.ts';
import { linesOfFile } from '../journal/evidence-file.ts';
import type { Facts } from '../schema/facts.ts';
import type { Job, Launch, Plan } from '../schema/plan.ts';
import { AttemptLog } from './attempt-log.ts';
import { attemptDirectory } from './layout.ts';
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
      const log = new AttemptLog(attemptDirectory(directory, event.attempt));
      attempts.set(event.attempt, { started: event, log, sections: null });
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
  return ledger;
}

interface Attempt {
  readonly started: AttemptStarted;
  readonly log: AttemptLog;
  /** Read once, when the first measurement of the attempt is asked for. */
  sections: readonly JobSection[] | null;
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
) {
  const place = { directory, facts, attempt: event.attempt, log: attempt.log, launch, job, repeat: event.repeat };
  const stdout = join(attemptDirectory(directory, event.attempt), 'stdout.log');
  if (!existsSync(stdout)) return gone(`the attempt's stdout.log is gone`);
  if (event.outcome !== null) return readStock(place, event.outcome);
  attempt.sections ??= parseDriverLog(linesOfFile(stdout)).sections;
  const section = attempt.sections.find((one) => one.job === event.job && one.repeat === event.repeat);
  return section === undefined ? gone("the attempt's stdout.log lacks its lines") : readResident(place, section);
}

function gone(message: string): MeasurementRead {
  return { unmeasured: { code: 'no-result', message } };
}

/** The launch as that attempt started it: what was asked then is what its measurements are held against. */
function startedAs(launch: Launch, { max_model_len }: AttemptStarted): Launch {
  return { ...launch, max_model_len: { ...launch.max_model_len, value: max_model_len } };
}
