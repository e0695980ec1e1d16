import { type Lookup, type TheirUse, writtenAs } from '../../../reports/metric-lookup.ts';
import { wrappedWords } from '../../../reports/table-layout.ts';
import { NAMES_ELSEWHERE } from '../../schema/metric-names.ts';
import { METRICS, type MetricId } from '../../schema/metrics.ts';
import { columns } from './columns.ts';

/** Every metric, a line each. */
export function renderMetrics(): string {
  const rows = Object.entries(METRICS).map(([id, { label, unit, better }]) => [id, label, unitOf(unit), better]);
  return columns([['metric', 'name', 'unit', 'better'], ...rows]);
}

/** What a word means, in lines of at most `width` characters. */
export function renderExplanation(word: string, found: Lookup, width: number): string {
  const paragraphs = paragraphsOf(word, found).map(({ text, indent }) => wrappedWords(text, width, indent).join('\n'));
  return `${paragraphs.join('\n')}\n`;
}

interface Paragraph {
  readonly text: string;
  readonly indent: '' | '  ';
}

function paragraphsOf(word: string, found: Lookup): Paragraph[] {
  switch (found.kind) {
    case 'field':
      return [top(`${word}: ${found.meaning}`)];
    case 'ours': {
      const part = found.part === null ? [] : [top(`${word}: ${METRICS[found.metric].label}, ${found.part}`), EMPTY];
      return [...part, ...about(found.metric), ...everywhere(found.metric)];
    }
    case 'theirs': {
      const metrics = [...new Set(found.uses.map((use) => use.metric))];
      return [
        ...found.uses.map((use) => top(`${word}: ${theirs(use)}`)),
        ...metrics.flatMap((id) => [EMPTY, ...about(id)]),
        EMPTY,
        top(`More: ${metrics.map((id) => `orchestrate explain ${id}`).join('; ')}`),
      ];
    }
  }
}

/** `InferenceX’s name. Ours is ... How theirs differs: ...`. */
function theirs({ tool, metric, differs, remark }: TheirUse): string {
  const ours = `${metric} (${METRICS[metric].label})`;
  if (differs !== null) return `${tool}’s name. The nearest of ours is ${ours}. How theirs differs: ${differs}.`;
  return `${tool}’s name. Ours is ${ours}${remark === null ? '' : `: ${remark}`}.`;
}

function about(id: MetricId): Paragraph[] {
  const { label, unit, better, definition, source } = METRICS[id];
  return [
    top(`${id}: ${label}, ${unit === '' ? 'a share' : `in ${unit}`}, ${better} is better`),
    below(definition),
    below(`formula: ${source}`),
  ];
}

function everywhere(id: MetricId): Paragraph[] {
  return [
    top('written in'),
    ...writtenAs(id).map(({ place, keys }) => below(`${place}: ${keys.join(', ')}`)),
    top('elsewhere (– how theirs differs)'),
    ...NAMES_ELSEWHERE[id].map(({ tool, names, differs, remark }) =>
      below([`${tool}: ${names.join(', ')}`, differs, remark].filter((text) => text !== null).join(' – ')),
    ),
  ];
}

function unitOf(unit: string): string {
  return unit === '' ? 'share' : unit;
}

const EMPTY: Paragraph = { text: ' ', indent: '' };

function top(text: string): Paragraph {
  return { text, indent: '' };
}

function below(text: string): Paragraph {
  return { text, indent: '  ' };
}
