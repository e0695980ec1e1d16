import { type Progress, secondsLeft, work } from '../../run/progress.ts';
import { mostRepeats } from '../../schema/plan.ts';
import { duration } from './words.ts';

/** The live view of a run: launch, job, elapsed and left, and the last line of the engine's log. */
export function dashboard(progress: Progress, now: number, columns: number): string {
  const { launch, current } = progress;
  const done = progress.finished + progress.failed;
  const left = secondsLeft(progress, leftWork(progress), progress.launches - (launch?.number ?? 0));
  const lines = [
    `${bar(done, progress.measurements)} ${done}/${progress.measurements}  elapsed ${duration(now)}  left ${left === null ? '–' : `about ${duration(left)}`}`,
    launch === null
      ? ''
      : `launch ${launch.number}/${progress.launches} ${launch.launch.name}: ${stateOf(progress, now)}`,
    current === null ? '' : `${current.job.run_name} repeat ${current.repeat + 1}/${mostRepeats(current.job)}`,
    progress.lastLine,
  ];
  return lines
    .filter((line) => line !== '')
    .map((line) => printable(line).slice(0, Math.max(20, columns - 1)))
    .join('\n');
}

function stateOf(progress: Progress, now: number): string {
  const { launch, current } = progress;
  if (launch === null) return '';
  if (launch.launch.engine.driver.kind !== 'resident')
    return `running vLLM's own benchmark, ${duration(now - launch.since)}`;
  if (launch.readyAfter === null) return `loading the engine, ${duration(now - launch.since)}`;
  return current === null ? 'engine ready' : `measuring, ${duration(now - current.since)}`;
}

/** Work that is left, taking the average of what is known for what is not: jobs of later launches are not listed here. */
function leftWork(progress: Progress): number {
  const measured = Math.max(1, progress.finished);
  const each = progress.seen.measuredWork / measured;
  const known = progress.current === null ? 0 : work(progress.current.job.workload) - each;
  return Math.max(0, (progress.measurements - progress.finished - progress.failed) * each + known);
}

const BAR_WIDTH = 20;

function bar(done: number, all: number): string {
  const filled = all === 0 ? 0 : Math.round((BAR_WIDTH * done) / all);
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
