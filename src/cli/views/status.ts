import type { OpenAttempt, RunStatus } from '../../run/status.ts';
import type { Again } from '../again.ts';
import { onDevices } from './dashboard.ts';
import { counted, duration } from './words.ts';

export interface StatusContext {
  /** The directory as the user named it. */
  readonly name: string;
  /** The commands that go on with it. */
  readonly again: Again;
  readonly now: Date;
}

/** As many as run side by side on a large host. */
const MOST_ATTEMPTS = 16;

/** How far a run is, for a person; the last lines say what to do. */
export function statusText(status: RunStatus, { name, again, now }: StatusContext): string {
  const { measurements, open_attempts: open } = status;
  const isRunning = status.state === 'running';
  return [
    `${name}: ${stateWords(status, now)}`,
    countsLine(status),
    ...open
      .slice(0, MOST_ATTEMPTS)
      .map((attempt) => `${isRunning ? 'now' : 'cut off'}: ${attemptWords(attempt, isRunning ? now : null)}`),
    ...(open.length > MOST_ATTEMPTS ? [`... and ${open.length - MOST_ATTEMPTS} more (--json has all)`] : []),
    ...failureLines(status, now),
    ...(isRunning || measurements.asked === measurements.measured ? [] : [`to go on: ${again.onlyMissing}`]),
    ...(isRunning || measurements.invalid === 0 ? [] : [`to measure the invalid ones again: ${again.remeasuring}`]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function stateWords({ state, orchestrator, started_at, last_event_at, interrupted_by }: RunStatus, now: Date): string {
  if (state === 'running') {
    const since = started_at === null ? '' : ` for ${ago(started_at, now)}`;
    return `running${since} (process ${orchestrator?.pid} on ${orchestrator?.host}${orchestrator?.alive === null ? ', which cannot be seen from here' : ''})`;
  }
  if (last_event_at === null) return 'not begun, and nobody carries it out';
  if (state === 'finished') return `finished ${ago(last_event_at, now)} ago`;
  const why = interrupted_by === null ? 'its orchestrator ended without a word' : `by ${interrupted_by}`;
  return `stopped (${why}); its last event is ${ago(last_event_at, now)} old`;
}

function countsLine({ measurements, points, seconds_left }: RunStatus): string {
  const { asked, at_most, measured, invalid, failed, left_out, left } = measurements;
  const others = [
    [failed, 'failed'],
    [left_out, 'left out'],
    [left, 'left'],
  ] as const;
  const cannot = points.cannot_be_measured;
  return [
    `${measured.toLocaleString('en')} of ${at_most ? 'up to ' : ''}${counted(asked, 'measurement')} made`,
    invalid === 0 ? '' : ` (${invalid} invalid)`,
    ...others.map(([count, word]) => (count === 0 ? '' : `, ${count.toLocaleString('en')} ${word}`)),
    seconds_left === null || left === 0 ? '' : `, about ${duration(seconds_left)}`,
    cannot === 0 ? '' : `; ${counted(cannot, 'point')} cannot be measured on its host`,
  ].join('');
}

function attemptWords(one: OpenAttempt, now: Date | null): string {
  const start = one.start === 0 ? '' : ` start ${one.start + 1}`;
  const time = now === null ? '' : ` for ${ago(one.since, now)}`;
  return `${one.launch}${start}${onDevices(one)}: ${PHASES[one.phase]}${time}, ${one.measured} measured in it`;
}

const PHASES = {
  loading: 'loading the engine',
  measuring: 'measuring',
  benchmark: "running vLLM's own benchmark",
} as const satisfies Record<OpenAttempt['phase'], string>;

function failureLines({ last_failure: failure }: RunStatus, now: Date): string[] {
  if (failure === null) return [];
  const { at, run_name, class: id, reason, happened, remedy } = failure;
  // A reason that begins with what happened ends with what to do: src/run/failure.ts.
  const saysIt = remedy === null || reason.includes(remedy) || (happened !== null && reason.startsWith(happened));
  return [
    `last failure, ${ago(at, now)} ago: ${run_name} (${id}): ${reason}`,
    ...(saysIt ? [] : [`  to do: ${remedy}`]),
  ];
}

function ago(at: string, now: Date): string {
  return duration((now.getTime() - new Date(at).getTime()) / 1000);
}
