import { type Progress, type RunningAttempt, secondsLeft, settledOf, type WaitingLaunch } from '../../run/progress.ts';
import { type Launch, mostRepeats } from '../../schema/plan.ts';
import { counted, duration } from './words.ts';

/** Characters and lines that a terminal has. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

/** Lines of the screen that stay for what is printed above the live view, and for the cursor. */
const ROWS_FOR_OTHERS = 4;

/** The live view of a run: what is done, elapsed and left, and each launch that runs, in no more lines than fit. */
export function dashboard(progress: Progress, now: number, { columns, rows }: Screen): string {
  const [only, ...others] = progress.running;
  const launches =
    only !== undefined && others.length === 0
      ? aloneLines(only, progress, now)
      : fitting([...progress.running.map((one) => lineOf(one, now)), ...progress.waiting.map(waitingLine)], rows);
  return [headLine(progress, now), ...launches]
    .filter((line) => line !== '')
    .slice(0, linesOf(rows))
    .map((line) => printable(line).slice(0, Math.max(20, columns - 1)))
    .join('\n');
}

function linesOf(rows: number): number {
  return Math.max(2, rows - ROWS_FOR_OTHERS);
}

/** `chat_TP-4`, and which engine start it is where it is not the first. */
export function labelOf({ name, start }: Launch): string {
  return start === 0 ? name : `${name} start ${start + 1}`;
}

/** ` on 0,1`; nothing where nothing holds it to some. */
export function onDevices({ devices }: Pick<RunningAttempt, 'devices'>): string {
  return devices.length === 0 ? '' : ` on ${devices.join(',')}`;
}

function headLine(progress: Progress, now: number): string {
  const done = settledOf(progress);
  const left = secondsLeft(progress, now);
  const time = `elapsed ${duration(now)}  left ${left === null ? '–' : `about ${duration(left)}`}`;
  return `${bar(done, progress.measurements)} ${done}/${progress.measurements}  ${time}`;
}

/** One launch alone has room for what it measures and for the last line of its log. */
function aloneLines(one: RunningAttempt, { begun, launches, waiting }: Progress, now: number): string[] {
  const launch = `launch ${begun.size}/${launches} ${labelOf(one.launch)}${onDevices(one)}: ${phaseOf(one, now)}`;
  return [launch, pointOf(one), ...waiting.map(waitingLine), one.lastLine];
}

function lineOf(one: RunningAttempt, now: number): string {
  const point = pointOf(one);
  return `${labelOf(one.launch)}${onDevices(one)}: ${phaseOf(one, now)}${point === '' ? '' : `: ${point}`}`;
}

function waitingLine({ launch, reason }: WaitingLaunch): string {
  return `${labelOf(launch)} waits: ${reason}`;
}

function phaseOf({ launch, current, since, readyAfter }: RunningAttempt, now: number): string {
  if (launch.engine.driver.kind !== 'resident') return `running vLLM's own benchmark, ${duration(now - since)}`;
  if (readyAfter === null) return `loading the engine, ${duration(now - since)}`;
  return current === null ? 'engine ready' : `measuring, ${duration(now - current.since)}`;
}

function pointOf({ current }: RunningAttempt): string {
  if (current === null) return '';
  return `${current.job.run_name} repeat ${current.repeat + 1}/${mostRepeats(current.job)}`;
}

/** As many lines as fit below the first; the last one says how many do not. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  const most = linesOf(rows) - 1;
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `... and ${counted(lines.length - most + 1, 'more launch', 'more launches')}`];
}

const BAR_WIDTH = 20;

function bar(done: number, all: number): string {
  const filled = all === 0 ? 0 : Math.min(BAR_WIDTH, Math.round((BAR_WIDTH * done) / all));
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

/** An engine's log may hold escape sequences, which must not move our cursor. */
function printable(line: string): string {
  return (
    line
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
      .replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
      .replace(/[\u0000-\u001f\u007f]/g, ' ')
  );
}
