import { loadConfig } from '../../src/config/load.ts';
import { type Problem, renderProblem } from '../../src/config/problem.ts';
import { MODE_IDS } from '../../src/modes/index.ts';
import type { RunConfig, RunSpec } from '../../src/schema/run-config.ts';

export const OPTIONS = { modes: MODE_IDS, maxJobs: 100_000 };

/** A run definition of one run; each argument is a line of it. */
export function runOf(...lines: readonly string[]): string {
  return ['standalone_runs:', '  - name: a', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

/** One run that is right, and further lines of it. */
export function goodRun(...lines: readonly string[]): string {
  return runOf('mode: vllm_throughput', 'model: m', 'workloads: [chatbot]', ...lines);
}

/** What a definition means; one with problems throws them, so that a test shows them. */
export function configOf(text: string): RunConfig {
  const loaded = loadConfig(text, OPTIONS);
  if ('config' in loaded) return loaded.config;
  throw new Error(loaded.problems.map((problem) => renderProblem(problem, text, 'test.yaml')).join('\n'));
}

/** The first run of a definition. */
export function specOf(text: string): RunSpec {
  const [run] = configOf(text).runs;
  if (run === undefined) throw new Error('no run');
  return run;
}

export function problemsOf(text: string, maxJobs = OPTIONS.maxJobs): readonly Problem[] {
  const loaded = loadConfig(text, { ...OPTIONS, maxJobs });
  return 'problems' in loaded ? loaded.problems : [];
}

/** Where the problems stand, and what they say. */
interface Found {
  /** `line:column` of each «mark» in the text, in the order of the text. */
  readonly marked: readonly string[];
  /** `line:column` of each problem. */
  readonly places: readonly string[];
  readonly messages: readonly string[];
  readonly hints: readonly (string | null)[];
}

/** The problems of a text in which « stands before every word that must be complained about, and » after it. */
export function found(markedText: string): Found {
  const text = markedText.replaceAll(/[«»]/g, '');
  const problems = problemsOf(text);
  return {
    marked: placesOfMarks(markedText),
    places: problems.map(({ line, column }) => `${line}:${column}`),
    messages: problems.map(({ message }) => message),
    hints: problems.map(({ hint }) => hint),
  };
}

function placesOfMarks(markedText: string): string[] {
  return markedText
    .split('\n')
    .flatMap((line, index) =>
      [...line.replaceAll('»', '').matchAll(/«/g)].map((mark, before) => `${index + 1}:${mark.index - before + 1}`),
    );
}
