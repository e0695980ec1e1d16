import { CSV_MEANINGS } from '../../reports/benchmark-summary.ts';
import { writtenAs } from '../../reports/metric-lookup.ts';
import { COUNT_FIELDS } from '../../reports/result-fields.ts';
import { NAMES_ELSEWHERE } from '../../src/schema/metric-names.ts';
import { METRICS, type MetricId, SPREADS, STATISTICS } from '../../src/schema/metrics.ts';

/** docs/metrics.md; written by scripts/pages.ts. */
export function metricsPage(): string {
  const ids = Object.keys(METRICS) as MetricId[];
  return `${[INTRODUCTION, ...ids.map(section), endings(), fields()].join('\n\n')}\n`;
}

const INTRODUCTION = `# Metrics

Made from the tables in \`src/schema/metrics.ts\` and \`src/schema/metric-names.ts\` by
\`npm run pages\`; a test holds this page against them. \`orchestrate explain WORD\` says the same of one
metric, of any key that our files hold, and of any name of another tool's that is listed here. \`<stat>\` stands for
mean, median, std, p99 and the like. A percentile is linear interpolation (type 7).`;

function section(id: MetricId): string {
  const { label, unit, better, definition, source } = METRICS[id];
  const written = writtenAs(id).map(({ place, keys }) => `| ${place} | ${keys.map(code).join(', ')} |`);
  const names = NAMES_ELSEWHERE[id].map(
    ({ tool, names: theirs, differs, remark }) =>
      `| ${tool} | ${theirs.map(code).join(', ')} | ${differs ?? (remark === null ? 'no' : `no: ${remark}`)} |`,
  );
  return [
    `## ${id}`,
    '',
    `${label}, ${unit === '' ? 'a share' : `in ${unit}`}; ${better} is better.`,
    '',
    `- what it is: ${definition}`,
    `- formula: ${source}`,
    '',
    ...table(['written in', 'as'], written),
    '',
    ...table(['elsewhere', 'called', 'another quantity?'], names),
  ].join('\n');
}

function endings(): string {
  const row = ([ending, meaning]: [string, string]): string => `| ${code(`_${ending}`)} | ${meaning} |`;
  return [
    '## Endings of keys',
    '',
    'Of a distribution over requests, then of the samples of a point:',
    '',
    ...table(['ending', 'meaning'], [...Object.entries(STATISTICS), ...Object.entries(SPREADS)].map(row)),
  ].join('\n');
}

function fields(): string {
  const counts = COUNT_FIELDS.map(({ key, meaning }) => [key, meaning] as const);
  const row = ([key, meaning]: readonly [string, string]): string => `| ${code(key)} | ${meaning} |`;
  return [
    '## Other columns and keys',
    '',
    'Columns of benchmark_summary.csv, and counts in `results` of summary_report.json:',
    '',
    ...table(['key', 'meaning'], [...Object.entries(CSV_MEANINGS), ...counts].map(row)),
  ].join('\n');
}

function table(heading: readonly string[], rows: readonly string[]): string[] {
  return [`| ${heading.join(' | ')} |`, `|${heading.map(() => '---').join('|')}|`, ...rows];
}

function code(text: string): string {
  return `\`${text}\``;
}
