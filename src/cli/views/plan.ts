import { join } from 'shlex';
import type { CommandSpec } from '../../modes/mode.ts';
import type { RemainingLaunch } from '../../plan/remaining.ts';
import { DEFAULT_STALL_SECONDS, type Job, type Launch, leastRepeats, type Plan } from '../../schema/plan.ts';
import { publicFlags, withoutSecrets } from '../../schema/secrets.ts';
import { hitRateBound, type Workload } from '../../schema/workload.ts';
import { columns } from './columns.ts';
import { sideBySideLine } from './side-by-side.ts';
import { counted, duration } from './words.ts';

/** Block size for the bound of a plan: vLLM's on GPUs; the record has the engine's own. */
const PLANNED_BLOCK_SIZE = 16;

/** A plan as a person reads it: each launch with its points and its command line, then what is left out and why. */
export function renderPlan(
  plan: Plan,
  commandOf: (item: RemainingLaunch) => CommandSpec,
  items: readonly RemainingLaunch[],
): string {
  const jobs = new Set(items.flatMap(({ wanted }) => wanted.map(({ job }) => job.id))).size;
  const measurements = items.reduce((sum, { wanted }) => sum + wanted.length, 0);
  // Points that stop when they are steady may need fewer.
  const upTo = items.some(({ wanted }) => wanted.some(({ job }) => job.until !== null)) ? 'up to ' : '';
  const parts = [
    `${counted(items.length, 'launch', 'launches')}, ${counted(jobs, 'point')}, ${upTo}${counted(measurements, 'measurement')}\n`,
  ];
  const together = sideBySideLine(plan);
  if (together !== null) parts.push(`${together}\n`);
  for (const item of items) parts.push(renderLaunch(item.launch, item, commandOf(item)));
  if (plan.skipped.length > 0) {
    parts.push(`cannot be measured: ${counted(plan.skipped.length, 'point')}\n`);
    parts.push(
      ...plan.skipped.slice(0, MOST_LINES).map((job) => `  ${job.run_name}: ${job.reason}\n`),
      more(plan.skipped.length),
    );
  }
  parts.push(...plan.notes.map((note) => `note: ${note}\n`));
  return parts.join('');
}

/** A sweep of thousands of points is looked at by its launches; every point is in plan.json and --json. */
const MOST_LINES = 200;

function renderLaunch(launch: Launch, { wanted }: RemainingLaunch, command: CommandSpec): string {
  const repeats = new Map<Job, number>();
  for (const { job } of wanted) repeats.set(job, (repeats.get(job) ?? 0) + 1);
  // As they were written: in which order they are measured is shuffled, and in launch.json.
  const jobs = launch.jobs.filter((job) => repeats.has(job));
  const start = launch.start === 0 ? '' : `, engine start ${launch.start + 1}`;
  const length = `${launch.max_model_len.value} (${launch.max_model_len.origin})`;
  const table = columns([
    ['point', 'prompt', 'output', 'shared', 'best hit rate', 'prompts', 'warm-ups', 'repeats'],
    ...jobs.slice(0, MOST_LINES).map((job) => jobRow(job, repeats.get(job) ?? 0)),
  ]);
  const environment = Object.entries(withoutSecrets(command.env)).map(([name, value]) => `${name}=${value}`);
  const words = join([...environment, command.file, ...publicFlags(command.args)]);
  return `\nlaunch ${launch.name}${start}: ${counted(jobs.length, 'point')}, max_model_len ${length}${precisionPart(launch)}${limitsPart(launch)}\n${indent(table)}${more(jobs.length)}  $ ${words}\n`;
}

/** What an asked precision is to vLLM: `, fp4 -> --quantization mxfp4`, `, fp8 -> checkpoint org/model-FP8`. */
function precisionPart({ engine, precision }: Launch): string {
  if (precision.asked === null && engine.checkpoint === null) return '';
  const parts = [
    engine.checkpoint === null ? null : `checkpoint ${engine.checkpoint}`,
    precision.flag === null ? null : `--quantization ${precision.flag}`,
  ].filter((part) => part !== null);
  return `, ${precision.asked ?? 'none'} -> ${parts.length === 0 ? 'as the checkpoint is' : parts.join(', ')}`;
}

/** What is unusual about how it is carried out: `, alone on the host, ended after 5 min 00 s without progress`. */
function limitsPart({ exclusive, stall_seconds }: Launch): string {
  const stall =
    stall_seconds === DEFAULT_STALL_SECONDS ? '' : `, ended after ${duration(stall_seconds)} without progress`;
  return `${exclusive ? ', alone on the host' : ''}${stall}`;
}

function jobRow(job: Job, repeats: number): string[] {
  const { run_name, workload, until } = job;
  return [
    run_name,
    `${workload.prompt_len}`,
    `${workload.output_len}`,
    workload.shared_len === 0
      ? '–'
      : `${workload.shared_len}${workload.num_prefixes > 1 ? ` (${workload.num_prefixes} prefixes)` : ''}`,
    workload.shared_len === 0 ? '–' : boundOf(workload),
    `${workload.num_prompts}`,
    `${workload.warmups}`,
    until === null ? `${repeats}` : `${Math.min(leastRepeats(job), repeats)} to ${repeats}`,
  ];
}

function boundOf(workload: Workload): string {
  return `${(100 * hitRateBound(workload, PLANNED_BLOCK_SIZE)).toFixed(1)} % ${workload.prefix_state}`;
}

function more(count: number): string {
  return count > MOST_LINES ? `  ... and ${count - MOST_LINES} more (--json shows all)\n` : '';
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
