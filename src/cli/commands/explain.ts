import { closest, distance } from 'fastest-levenshtein';
import { knownWords, type Lookup, lookUp, writtenAs } from '../../../reports/metric-lookup.ts';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { NAMES_ELSEWHERE } from '../../schema/metric-names.ts';
import { METRICS, type MetricId } from '../../schema/metrics.ts';
import type { Shell } from '../shell.ts';
import { renderExplanation, renderMetrics } from '../views/explain.ts';

/** Says what a metric, a key of our files or another tool's name means; without a word, lists the metrics. */
export async function explainCommand(
  word: string | undefined,
  options: { json?: boolean },
  { stdout }: Shell,
): Promise<ExitCode> {
  const found = word === undefined ? null : lookUp(word);
  if (word !== undefined && found === null) {
    throw new Refusal('usage', `${word} is no metric that is known here`, hintFor(word));
  }
  if (options.json) stdout.write(`${JSON.stringify(machine(word, found))}\n`);
  else if (word === undefined || found === null) stdout.write(renderMetrics());
  else stdout.write(renderExplanation(word, found, Math.min(stdout.columns ?? 100, 100)));
  return EXIT.ok;
}

/** The nearest word, unless more than half of the letters would have to change. */
function hintFor(word: string): string {
  const nearest = closest(word.toLowerCase(), knownWords());
  return distance(word.toLowerCase(), nearest) <= word.length / 2
    ? `the nearest is ${nearest}`
    : 'orchestrate explain without a word lists the metrics; docs/metrics.md has every key and other tools’ names';
}

/** Metrics are always a list, so that a reader needs one shape. */
function machine(word: string | undefined, found: Lookup | null): object {
  if (word === undefined || found === null) return { metrics: (Object.keys(METRICS) as MetricId[]).map(described) };
  switch (found.kind) {
    case 'ours':
      return { word, part: found.part, metrics: [described(found.metric)] };
    case 'field':
      return { word, meaning: found.meaning, metrics: [] };
    case 'theirs':
      return { word, uses: found.uses, metrics: [...new Set(found.uses.map(({ metric }) => metric))].map(described) };
  }
}

function described(id: MetricId): object {
  return { id, ...METRICS[id], written: writtenAs(id), elsewhere: NAMES_ELSEWHERE[id] };
}
