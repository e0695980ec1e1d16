import type { Line } from '../src/schema/evidence.ts';
import type { Absent } from './parser.ts';

/** A number as it was printed: `decimals` says how exact it is. */
export interface Figure {
  readonly value: number;
  readonly decimals: number;
  readonly line: number;
}

export const FIGURES = [
  'request_rps',
  'total_tps',
  'output_tps',
  'total_prompt_tokens',
  'total_output_tokens',
  'avg_ttft_s',
  'p99_ttft_s',
  'avg_tpot_tokens_per_s',
  'p99_tpot_tokens_per_s',
] as const;
export type FigureId = (typeof FIGURES)[number];

/** One result line: what it starts with, its figures, and whether it stands alone on its line. */
export interface ResultLine {
  readonly label: string;
  readonly figures: { readonly [id in FigureId]?: Figure | Absent };
  readonly clean: boolean;
  /** Why a number of it cannot be one; null when they all are. */
  readonly bad: string | null;
}

/** The label in front of each figure; docs/driver-protocol.md shows the lines whole. */
export const LABELS: { readonly [id in FigureId]: string } = {
  request_rps: 'Throughput:',
  total_tps: 'Throughput:',
  output_tps: 'Throughput:',
  total_prompt_tokens: 'Total num prompt tokens:',
  total_output_tokens: 'Total num output tokens:',
  avg_ttft_s: 'Average TTFT (s):',
  p99_ttft_s: 'P99 TTFT (s):',
  avg_tpot_tokens_per_s: 'Average TPOT (tokens/s):',
  p99_tpot_tokens_per_s: 'P99 TPOT (tokens/s):',
};

/**
 * The result line in a line, or null. Case matters: vLLM's periodic `Avg prompt throughput: 12.3 tokens/s` is none.
 * It need not begin the line: what another process left without a newline stands before it.
 */
export function resultLineIn(line: Line): ResultLine | null {
  return throughputIn(line) ?? figureIn(line);
}

// Throughput: 12.34 requests/s, 5678.90 total tokens/s, 1234.56 output tokens/s     (scripts from v0.6.3, every CLI)
// Throughput: 12.34 requests/s, 5678.90 tokens/s                                    (benchmark_throughput.py, v0.6.0)
const throughput =
  /Throughput: (?<requests>\S+) requests\/s, (?<total>\S+) (?:total )?tokens\/s(?:, (?<output>\S+) output tokens\/s)?/;

function throughputIn(line: Line): ResultLine | null {
  const match = line.text.includes('Throughput: ') ? throughput.exec(line.text) : null;
  const groups = match?.groups;
  if (match === null || groups === undefined) return null;
  const output = groups['output'];
  const figures = {
    request_rps: rate(groups['requests'] ?? '', line.number),
    total_tps: rate(groups['total'] ?? '', line.number),
    output_tps:
      output === undefined
        ? { value: null, line: line.number, why: 'the two-number line of an old script has no output tokens/s' }
        : rate(output, line.number),
  };
  const bad = [groups['requests'], groups['total'], output].find((text) => text !== undefined && !isNumber(text));
  return { label: 'Throughput:', figures, clean: standsAlone(match), bad: bad === undefined ? null : notANumber(bad) };
}

// Total num prompt tokens:  1024
// Average TTFT (s): 0.123456
// P99 TPOT (tokens/s): n/a (no request has a second output token at a later time)
const figure =
  /(?<label>Total num (?:prompt|output) tokens:|(?:Average|P99) (?:TTFT \(s\)|TPOT \(tokens\/s\)):) +(?:(?<none>n\/a)(?: \((?<why>.*)\))?|(?<number>[^\s(]+))/;

function figureIn(line: Line): ResultLine | null {
  const match = figure.exec(line.text);
  const groups = match?.groups;
  const id = FIGURES.find((candidate) => LABELS[candidate] === groups?.['label']);
  if (match === null || groups === undefined || id === undefined) return null;
  const label = LABELS[id];
  const clean = standsAlone(match);
  if (groups['none'] !== undefined) {
    const why = groups['why'] ?? 'printed as n/a';
    return { label, figures: { [id]: { value: null, line: line.number, why } }, clean, bad: null };
  }
  const text = groups['number'] ?? '';
  const read =
    label.startsWith('Total num') && !/^\d{1,15}$/.test(text) ? noNumber(text, line.number) : rate(text, line.number);
  return { label, figures: { [id]: read }, clean, bad: read.value === null ? read.why : null };
}

function standsAlone(match: RegExpExecArray): boolean {
  return match.index === 0 && match.input.slice(match[0].length).trim() === '';
}

function rate(text: string, line: number): Figure | Absent {
  if (!isNumber(text)) return noNumber(text, line);
  return { value: Number(text), decimals: text.split('.')[1]?.length ?? 0, line };
}

/** Python prints nan, inf and -1.00 in the same place; none of them is a measurement. */
function isNumber(text: string): boolean {
  return /^\d+(?:\.\d+)?$/.test(text) && Number.isFinite(Number(text));
}

function noNumber(text: string, line: number): Absent {
  return { value: null, line, why: notANumber(text) };
}

function notANumber(text: string): string {
  return `\`${text.slice(0, 40)}\` is not a number of 0 or more`;
}
