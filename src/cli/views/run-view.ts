import type { Notice, Notify } from '../../run/notice.ts';
import { advance, NOTHING_YET, type Progress } from '../../run/progress.ts';
import { describeOutcome } from '../../schema/outcome.ts';
import { mostRepeats } from '../../schema/plan.ts';
import type { Output, Shell } from '../shell.ts';
import { dashboard } from './dashboard.ts';
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
  const area = liveArea(people, shell.env, () => dashboard(progress, now(), people.columns ?? 80));
  const print = (text: string) => area.print(`${text}\n`);
  // Failures of one event come one after the other; they are told when something else is.
  let failures: readonly Failure[] = [];
  const tellFailures = () => {
    const told = failureSentences(failures);
    failures = [];
    told.forEach(print);
  };
  const say = (text: string) => {
    tellFailures();
    print(text);
  };
  return {
    notify: (notice) => {
      progress = advance(progress, notice, now());
      if (json && notice.kind !== 'line') shell.stdout.write(`${JSON.stringify(machine(notice, shell.now()))}\n`);
      const isOfThem = notice.kind === 'measurement-failed' && failures.every((other) => isSameEvent(other, notice));
      if (!isOfThem) tellFailures();
      if (notice.kind === 'measurement-failed') failures = [...failures, notice];
      const text = sentence(notice, progress);
      if (text !== null) say(text);
      area.refresh();
    },
    note: say,
    end: () => {
      tellFailures();
      area.close();
    },
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
      return `starting the engine for ${notice.launch.name} (${notice.launch.jobs.some(({ until }) => until !== null) ? UP_TO : ''}${counted(notice.wanted, 'measurement')}); log: ${notice.log}`;
    case 'engine-ready':
      return `engine ready after ${duration(notice.seconds)}`;
    case 'measured':
      return measuredSentence(notice, progress);
    case 'job-steady':
      return `steady after ${counted(notice.repeats, 'repeat')}: ${notice.job.run_name} (CV ${notice.cv.toFixed(4)})`;
    case 'attempt-ended':
      return endSentence(notice);
    case 'retrying':
      return `trying again in ${notice.inSeconds} s (retry ${notice.retry} of ${notice.of})`;
    case 'launch-waiting':
      return `${notice.launch.name} waits: ${notice.reason}`;
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

function measuredSentence({ job, repeat, sample }: Extract<Notice, { kind: 'measured' }>, progress: Progress): string {
  const count = `${progress.finished + progress.failed}/${progress.measurements}`;
  const most = mostRepeats(job);
  const name = most > 1 ? `${job.run_name} repeat ${repeat + 1}/${most}` : job.run_name;
  if (sample.invalid.length > 0)
    return `${count} INVALID ${name}: ${sample.invalid.map(({ message }) => message).join('; ')}`;
  const speed = sample.values.output_throughput_tps;
  const elapsed = sample.values.elapsed_s;
  return `${count} ${name}: ${speed === null ? '–' : Math.round(speed).toLocaleString('en')} output tok/s in ${elapsed === null ? '–' : elapsed.toFixed(elapsed < 10 ? 2 : 0)} s`;
}

function endSentence({ outcome, reason, leftBehind }: Extract<Notice, { kind: 'attempt-ended' }>): string | null {
  const left = leftBehind.length === 0 ? '' : `; these processes would not end: ${leftBehind.join(', ')}`;
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
