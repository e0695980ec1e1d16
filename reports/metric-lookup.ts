import { NAMES_ELSEWHERE, type NameElsewhere } from '../src/schema/metric-names.ts';
import { METRICS, type MetricId, REQUEST_METRICS, SPREADS, STATISTICS } from '../src/schema/metrics.ts';
import { CSV_MEANINGS } from './benchmark-summary.ts';
import { COUNT_FIELDS, HEADLINES, metricKey, RESULT_FIELDS, type ResultField } from './result-fields.ts';
import { asHeading, METRIC_HEADINGS, WORDS } from './shown-words.ts';

/** What a word stands for that is written in a file of ours or by another tool. */
export type Lookup =
  | {
      readonly kind: 'ours';
      readonly metric: MetricId;
      /** What the word is of the metric: `mean over the requests of a sample`; null for the metric itself. */
      readonly part: string | null;
    }
  | { readonly kind: 'field'; readonly meaning: string }
  | { readonly kind: 'theirs'; readonly uses: readonly TheirUse[] };

/** One use of a word by another tool. */
export interface TheirUse extends NameElsewhere {
  /** The closest of ours. */
  readonly metric: MetricId;
}

/** Finds a metric by its id, a key, column or heading of ours, its short name, or another tool's name; null for none. */
export function lookUp(word: string): Lookup | null {
  const metric = IDS.find((id) => id === word) ?? IDS.find((id) => METRICS[id].label === word);
  if (metric !== undefined) return { kind: 'ours', metric, part: null };
  const part = OUR_KEYS.get(word);
  if (part !== undefined) return { kind: 'ours', ...part };
  const meaning = FIELDS.get(word);
  if (meaning !== undefined) return { kind: 'field', meaning };
  const heading = METRIC_HEADINGS.get(asHeading(word));
  if (heading !== undefined) return { kind: 'ours', ...heading };
  const told = WORDS.get(asHeading(word));
  if (told !== undefined) return { kind: 'field', meaning: told };
  const uses = THEIR_USES.filter(({ names }) => names.some((name) => matches(name, word)));
  if (uses.length > 0) return { kind: 'theirs', uses };
  const lower = word.toLowerCase();
  const short = IDS.find((id) => METRICS[id].label.toLowerCase() === lower);
  if (short !== undefined) return { kind: 'ours', metric: short, part: null };
  return lower === word ? null : lookUp(lower);
}

/** Every word that is found exactly, for a suggestion. */
export function knownWords(): string[] {
  const theirs = THEIR_USES.flatMap(({ names }) => names.map((name) => name.replace('<stat>', 'mean')));
  return [
    ...new Set([...IDS, ...OUR_KEYS.keys(), ...FIELDS.keys(), ...METRIC_HEADINGS.keys(), ...WORDS.keys(), ...theirs]),
  ];
}

/** Where a metric is written: place, and its keys there. */
export function writtenAs(metric: MetricId): { readonly place: string; readonly keys: readonly string[] }[] {
  const fields = RESULT_FIELDS.filter((field) => metricOf(field) === metric);
  const folder = fields.some((field) => 'sample' in field) ? 'values' : 'latency';
  return [
    { place: 'summary_report.json, results', keys: fields.map(({ key }) => key) },
    { place: 'benchmark_summary.csv; records/<job id>.json, results', keys: fields.map(metricKey) },
    { place: 'records/<job id>.json, samples', keys: [`${folder}.${metric}`] },
  ];
}

const IDS = Object.keys(METRICS) as MetricId[];

const THEIR_USES: readonly TheirUse[] = IDS.flatMap((metric) =>
  NAMES_ELSEWHERE[metric].map((name) => ({ metric, ...name })),
);

/** Keys of `results`, of summary_report.json, and columns of benchmark_summary.csv. */
const OUR_KEYS: ReadonlyMap<string, { readonly metric: MetricId; readonly part: string }> = new Map([
  ...REQUEST_METRICS.flatMap((metric: MetricId) =>
    Object.entries(STATISTICS).map(([id, part]) => [`${metric}_${id}`, { metric, part }] as const),
  ),
  ...RESULT_FIELDS.flatMap((field) => {
    const metric = metricOf(field);
    const part = partOf(field);
    const spreads = Object.entries(SPREADS).map(
      ([id, spread]) => [`${metricKey(field)}_${id}`, { metric, part: `${spread}; ${part}` }] as const,
    );
    return [[field.key, { metric, part }] as const, ...(isHeadline(field) ? spreads : [])];
  }),
]);

const FIELDS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(CSV_MEANINGS),
  ...COUNT_FIELDS.map(({ key, meaning }) => [key, meaning] as const),
]);

function metricOf(field: ResultField): MetricId {
  return 'sample' in field ? field.sample : field.request;
}

function partOf(field: ResultField): string {
  return 'sample' in field ? 'one value a sample' : STATISTICS[field.of];
}

function isHeadline({ key }: ResultField): boolean {
  return HEADLINES.some((headline) => headline === key);
}

/** `<stat>` is a word of statistics or a percentile. */
function matches(name: string, word: string): boolean {
  const [before = '', after] = name.split('<stat>');
  if (after === undefined) return name === word || name.replace(/^vllm:/, '') === word;
  if (word === (before + after).replace(/^_|_$/g, '')) return true;
  if (!word.startsWith(before) || !word.endsWith(after)) return false;
  const statistic = word.slice(before.length, word.length - after.length);
  return /^(?:mean|median|avg|std|min|max|p?\d{1,2}(?:\.\d+)?)$/.test(statistic);
}
