import { pointCount, type RunConfig } from '../schema/run-config.ts';
import { inOrder, type Problem } from './problem.ts';
import { type Known, resolve } from './resolve.ts';
import { checkShape, withoutMisspelt } from './shape.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

export interface LoadOptions extends Known {
  /** A sweep of more points than this is a mistake more often than a wish. */
  readonly maxJobs: number;
}

/** The text of a run definition -> what to run, or every problem that it has, in the order of the text. */
export function loadConfig(text: string, options: LoadOptions): { config: RunConfig } | { problems: Problem[] } {
  const source = readYaml(text);
  if ('problems' in source) return { problems: inOrder(source.problems) };
  const shaped = checkShape(source);
  if (shaped.written === null) return { problems: inOrder(withoutMisspelt(shaped.problems)) };
  const { config, problems } = resolve(shaped.written, source, options, shaped.leftOut);
  const all = [...shaped.problems, ...problems, ...sizeProblems(config, source, options.maxJobs)];
  return all.length > 0 ? { problems: inOrder(withoutMisspelt(dedupe(all))) } : { config };
}

function sizeProblems(config: RunConfig, source: YamlSource, maxJobs: number): Problem[] {
  const counts = config.runs.map(pointCount);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= maxJobs) return [];
  const largest = counts.indexOf(Math.max(...counts));
  return [
    {
      ...source.place(['standalone_runs', largest, 'name']),
      message: `this run definition has ${total.toLocaleString('en')} points, ${counts[largest]?.toLocaleString('en')} of them in this run; at most ${maxJobs.toLocaleString('en')} are planned`,
      hint: 'shorten a list, or raise the limit with --max-jobs',
    },
  ];
}

/** The same default that is wrong for every run is said once. */
function dedupe(problems: readonly Problem[]): Problem[] {
  const seen = new Map(problems.map((problem) => [`${problem.line}:${problem.column}:${problem.message}`, problem]));
  return [...seen.values()];
}
