import type { Notice, Notify } from '../../run/notice.ts';
import { advance, NOTHING_YET, type Progress, retryWords, settledOf } from '../../run/progress.ts';
import { describeOutcome } from '../../schema/outcome.ts';
import { type Launch, mostRepeats } from '../../schema/plan.ts';
import type { Output, Shell } from '../shell.ts';
import { dashboard, labelOf, onDevices } from './dashboard.ts';
import { type Failure, failureSentences, isSameEvent } from './failures.ts';
import { liveArea } from './live-area.ts';
import { counted, duration } from './words.ts';

export interface RunView {
  readonly notify: Notify;
  note(text: string): void;
  end(): void;
}

/**
 * Shows a run while it goes on: a live area on a terminal, one line an event elsewhere. With `json` every event goes to
 * stdout as a line of JSON, and the text for people to stderr.
 */
export function runView(shell: Shell, { json }: { json: boolean }): RunView {
  const people: Output = json ? shell.stderr : shell.stdout;
  const start = performance.now();
  const now = () => (performance.now() - start) / 1000;
  let progress: Progress = NOTHING_YET;
  // A terminal that was never given a size says 0.
  const screen = () => ({ columns: people.columns || 80, rows: people.rows || 24 });
  const area = liveArea(people, shell.env, () => dashboard(progress, now(), screen()));
  const print = (text: string) => area.print(`${text}\n`);
  // One engine alone needs no name on every line.
  const named = (launch: Launch | null, text: string) =>
    launch !== null && progress.sideBySide ? `[${labelOf(launch)}] ${text}` : text;
  // Failures of one event come one after the other; they are told when something else is.
  let failures: readonly Failure[] = [];
  let failed: Launch | null = null;
  const tellFailures = () => {
    const told = failureSentences(failures);
    failures = [];
    for (const text of told) print(named(failed, text));
  };
  const isTold = newWaits();
  // Some of what is to be said of an attempt comes when it has ended.
  const launches = new Map<string, Launch>();
  const say = (text: string) => {
    tellFailures();
    print(text);
  };
  return {
    notify: (notice) => {
      if (notice.kind === 'attempt-started') launches.set(notice.attempt, notice.launch);
      const launch = launchOf(notice, launches);
      progress = advance(progress, notice, now());
      if (json && notice.kind !== 'line') shell.stdout.write(`${JSON.stringify(machine(notice, shell.now()))}\n`);
      const isOfThem = notice.kind === 'measurement-failed' && failures.every((other) => isSameEvent(other, notice));
      if (!isOfThem) tellFailures();
      if (notice.kind === 'measurement-failed') {
        failures = [...failures, notice];
        failed = notice.skipped ? null : launch;
      }
      const text = isTold(notice) ? null : sentence(notice, progress);
      if (text !== null) say(named(launch, text));
      area.refresh();
    },
    note: say,
    end: () => {
      tellFailures();
      area.close();
    },
  };
}

/** The launch that a notice is about; null where it is about none, or names it itself. */
function launchOf(notice: Notice, launches: ReadonlyMap<string, Launch>): Launch | null {
  if (notice.kind === 'retrying') return notice.launch;
  if (!('attempt' in notice) || notice.kind === 'attempt-started') return null;
  return launches.get(notice.attempt) ?? null;
}

/** A launch that waits is told again and again that it does: says whether a notice is such a one, and told already. */
function newWaits(): (notice: Notice) => boolean {
  const told = new Map<string, string>();
  return (notice) => {
    if (notice.kind === 'attempt-started') told.delete(notice.launch.id);
    if (notice.kind !== 'launch-waiting') return false;
    const again = told.get(notice.launch.id) === notice.reason;
    told.set(notice.launch.id, notice.reason);
    return again;
  };
}

/** What a person is told when it happens; null for what the live area shows anyway. */
function sentence(notice: Notice, progress: Progress): string | null {
  switch (notice.kind) {
    case 'run-started':
      return notice.alreadyDone === 0
        ? `${notice.atMost ? UP_TO : ''}${counted(notice.measurements, 'measurement')} in ${counted(notice.launches, 'launch', 'launches')} -> ${notice.directory}`
        : `${notice.alreadyDone} of ${notice.measurements} measurements are there already; going on in ${notice.directory}`;
    case 'attempt-started':
      return startSentence(notice);
    case 'engine-ready':
      return `engine ready after ${duration(notice.seconds)}`;
    case 'measured':
      return measuredSentence(notice, progress);
    case 'job-steady':
      return `steady after ${counted(notice.repeats, 'repeat')}: ${notice.job.run_name} (CV ${notice.cv.toFixed(4)})`;
    case 'attempt-ended':
      return endSentence(notice);
    case 'retrying':
      return retryWords(notice);
    case 'launch-waiting':
      return `${labelOf(notice.launch)} waits: ${notice.reason}`;
    case 'note':
      return `note: ${notice.text}`;
    case 'measurement-began':
    case 'measurement-failed':
    case 'line':
      return null;
  }
}

/** Points that end when they are steady may need fewer. */
const UP_TO = 'up to ';

function startSentence(notice: Extract<Notice, { kind: 'attempt-started' }>): string {
  const { launch, wanted, log } = notice;
  const upTo = launch.jobs.some(({ until }) => until !== null) ? UP_TO : '';
  return `starting the engine for ${labelOf(launch)}${onDevices(notice)} (${upTo}${counted(wanted, 'measurement')}); log: ${log}`;
}

function measuredSentence({ job, repeat, sample }: Extract<Notice, { kind: 'measured' }>, progress: Progress): string {
  const count = `${settledOf(progress)}/${progress.measurements}`;
  const most = mostRepeats(job);
  const name = most > 1 ? `${job.run_name} repeat ${repeat + 1}/${most}` : job.run_name;
  if (sample.invalid.length > 0)
    return `${count} INVALID ${name}: ${sample.invalid.map(({ message }) => message).join('; ')}`;
  const speed = sample.values.output_throughput_tps;
  const elapsed = sample.values.elapsed_s;
  return `${count} ${name}: ${speed === null ? '–' : Math.round(speed).toLocaleString('en')} output tok/s in ${elapsed === null ? '–' : elapsed.toFixed(elapsed < 10 ? 2 : 0)} s`;
}

function endSentence({ outcome, reason, leftBehind }: Extract<Notice, { kind: 'attempt-ended' }>): string | null {
  const left = leftBehind.length === 0 ? '' : `; left behind: ${leftBehind.join('; ')}`;
  if (reason === null && left === '') return null;
  return `the engine ${describeOutcome(outcome)}${left}`;
}

/** The event for machines: names and numbers, not whole samples and launches. */
function machine(notice: Notice, now: Date): Record<string, unknown> {
  const { kind, ...rest } = notice;
  const short: Record<string, unknown> = { event: kind.replaceAll('-', '_'), at: now.toISOString(), ...rest };
  if ('launch' in notice) short['launch'] = notice.launch.id;
  if ('job' in notice) {
    short['job'] = notice.job.id;
    short['run_name'] = notice.job.run_name;
  }
  return short;
}
