import type { AttemptStarted, JournalEvent, Measured } from '../journal/events.ts';
import type { Launch, Plan } from '../schema/plan.ts';
import { type History, Ledger } from './ledger.ts';
import { Readings } from './readings.ts';
import { atOnce } from './slices.ts';
import { untold } from './untold.ts';

/**
 * Everything that a directory's evidence says about the jobs of a plan, read anew from the files: `report` uses nothing
 * else, and a resumed run comes to the same. A measurement whose file is gone or torn is not in it, and is made again.
 */
export function collect(plan: Plan, directory: string, events: readonly JournalEvent[]): Ledger {
  const ledger = new Ledger(plan);
  atOnce(historyOf(plan, directory, events)())(ledger);
  return ledger;
}

/**
 * The same, but the evidence is read when `load` is called: until then what is done is told by the journal, and by the
 * files being there in their size. A journal that tells too little has its evidence read at once.
 */
export function recall(plan: Plan, directory: string, events: readonly JournalEvent[]): Ledger {
  const measured = events.filter((event) => event.event === 'measured');
  if (!measured.every(tellsEnough)) return collect(plan, directory, events);
  const ledger = new Ledger(plan);
  const attempts = attemptsOf(plan, events);
  const readings = new Readings(plan, directory);
  for (const event of measured) {
    const attempt = attempts.get(event.attempt);
    if (attempt === undefined || !readings.isThere(event, attempt.launch)) continue;
    const { job, start, repeat, output_throughput_tps, valid } = event;
    ledger.note(job, { start, repeat, output_throughput_tps, valid });
  }
  ledger.postpone(historyOf(plan, directory, [...events]));
  return ledger;
}

interface Telling extends Measured {
  readonly bytes: number;
  readonly output_throughput_tps: number | null;
  readonly valid: boolean;
}

function tellsEnough(event: Measured): event is Telling {
  return event.bytes !== undefined && event.output_throughput_tps !== undefined && event.valid !== undefined;
}

/** An attempt that the journal tells of, with its launch as the plan has it now. */
interface Attempt {
  readonly started: AttemptStarted;
  readonly launch: Launch;
}

function attemptsOf(plan: Plan, events: readonly JournalEvent[]): ReadonlyMap<string, Attempt> {
  const launches = new Map(plan.launches.map((launch) => [launch.id, launch]));
  return new Map(
    events.flatMap((event) => {
      const launch = event.event === 'attempt_started' ? launches.get(event.launch) : undefined;
      return event.event === 'attempt_started' && launch !== undefined
        ? [[event.attempt, { started: event, launch: startedAs(launch, event) }] as const]
        : [];
    }),
  );
}

/** The launch as that attempt started it: what was asked then is what its measurements are held against. */
function startedAs(launch: Launch, { max_model_len }: AttemptStarted): Launch {
  return { ...launch, max_model_len: { ...launch.max_model_len, value: max_model_len } };
}

/** Reads in steps of one file or log, and tells it all in the order of the journal. */
function historyOf(plan: Plan, directory: string, events: readonly JournalEvent[]): History {
  return function* () {
    const attempts = attemptsOf(plan, events);
    const readings = new Readings(plan, directory);
    const tell: ((ledger: Ledger) => void)[] = [];
    for (const event of events) {
      if (event.event !== 'attempt_started') continue;
      const notes = readings.open(event);
      tell.push((ledger) => ledger.notes.push(...notes));
      yield;
    }
    for (const event of events) {
      if (event.event === 'measurements_skipped') {
        const reason = { code: event.class, message: event.reason };
        for (const { job, repeat } of event.measurements)
          tell.push((ledger) => ledger.failed(job, { start: event.start, repeat, reason, skipped: true }, null));
      }
      if (event.event !== 'measured' && event.event !== 'measurement_failed' && event.event !== 'engine_ready')
        continue;
      const attempt = attempts.get(event.attempt);
      if (attempt === undefined) continue;
      const log = (lines: readonly [number, number] | null) =>
        lines === null ? null : { file: attempt.started.log, first_line: lines[0], last_line: lines[1] };
      if (event.event === 'engine_ready') tell.push((ledger) => ledger.engineStarted(event.attempt, event.seconds));
      else if (event.event === 'measurement_failed') {
        const { class: code, reason: message, status } = event;
        const reason = status === undefined ? { code, message } : { code, message, status };
        const failure = { start: event.start, repeat: event.repeat, reason };
        tell.push((ledger) => ledger.failed(event.job, failure, log(event.lines)));
      } else {
        const read = readings.read(event, attempt.launch);
        yield;
        if (read === null) continue;
        if ('unmeasured' in read) {
          // It was readable when the run noted it. It is made again, and until then its record says what is wrong.
          const failure = { start: event.start, repeat: event.repeat, reason: read.unmeasured };
          tell.push((ledger) => ledger.failed(event.job, failure, log(event.lines)));
        } else {
          const { devices, foreign } = attempt.started;
          const sample = { ...read.sample, devices, foreign, beside: event.beside };
          tell.push((ledger) => ledger.measured(event.job, sample, read.engine, log(event.lines), read.ran));
        }
      }
    }
    for (const { job, attempt } of untold(directory, events)) tell.push((ledger) => ledger.foundUntold(job, attempt));
    return (ledger) => {
      for (const one of tell) one(ledger);
    };
  };
}
