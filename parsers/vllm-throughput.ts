import type { Line } from '../src/schema/evidence.ts';
import type { Absent, Found, Reading, Streams } from './parser.ts';
import { type Figure, type FigureId, LABELS, type ResultLine, resultLineIn } from './result-lines.ts';

/** Smallest and largest length that is sampled, in tokens; a shared prefix comes on top. */
export interface SampledLengths {
  readonly input_len: readonly [number, number];
  readonly output_len: readonly [number, number];
}

/** Something about the result lines that a reader of the numbers should know. */
export interface Oddity {
  readonly code: 'several-lines' | 'glued-line' | 'not-a-number';
  /** Of the result line that it is about. */
  readonly label: string;
  readonly message: string;
  readonly line: number;
}

/** What one `vllm bench throughput`, one old script or one job of our resident driver printed. */
export type ThroughputRun = { readonly [id in FigureId]: Figure | Absent } & {
  /** The lengths that vLLM says it samples, the last time it says so: those of the warm-ups come first. */
  readonly sampled: Reading<SampledLengths>;
  /** Length flags that vLLM says it ignores (0.14 and later). */
  readonly ignored_flags: readonly Found<string>[];
  readonly oddities: readonly Oddity[];
};

/** Reads a whole run. */
export function parseThroughput(streams: Streams): ThroughputRun {
  const reader = throughputReader();
  for (const line of streams.stdout) reader.stdout(line);
  for (const line of streams.stderr) reader.stderr(line);
  return reader.run();
}

export interface ThroughputReader {
  stdout(line: Line): void;
  stderr(line: Line): void;
  run(): ThroughputRun;
}

/** Reads a run line by line, for a log that holds several. */
export function throughputReader(): ThroughputReader {
  const results = new Map<string, ResultLine>();
  const oddities: Oddity[] = [];
  const ignored: Found<string>[] = [];
  let sampled: Reading<SampledLengths> = { value: null, line: null, why: 'no line `Sampling input_len from ...`' };
  return {
    stdout(line) {
      sampled = sampledIn(line) ?? sampled;
      const result = resultLineIn(line);
      if (result === null) return;
      const earlier = results.get(result.label);
      if (oddities.length < MOST_TOLD) oddities.push(...oddThings(result, earlier, line.number));
      // A line that stands alone is never displaced by one in the middle of other output, such as a log's quotation.
      if (earlier === undefined || result.clean || !earlier.clean) results.set(result.label, result);
    },
    stderr(line) {
      const flag = ignoredFlag.exec(line.text)?.groups?.['flag'];
      if (flag !== undefined && ignored.length < MOST_TOLD) ignored.push({ value: flag, line: line.number });
    },
    run: () => ({ ...figuresOf(results), sampled, ignored_flags: ignored, oddities }),
  };
}

/** A flood of odd lines says no more than the first of them, and must not fill the memory. */
const MOST_TOLD = 100;

function oddThings(result: ResultLine, earlier: ResultLine | undefined, line: number): Oddity[] {
  const { label, clean, bad } = result;
  const odd: Oddity[] = [];
  if (!clean) odd.push({ code: 'glued-line', label, message: 'shares its line with other output', line });
  if (clean && earlier?.clean === true) {
    odd.push({ code: 'several-lines', label, message: 'is printed again; the last one counts', line });
  }
  if (bad !== null) odd.push({ code: 'not-a-number', label, message: bad, line });
  return odd;
}

function figuresOf(results: ReadonlyMap<string, ResultLine>): { [id in FigureId]: Figure | Absent } {
  const read = (id: FigureId): Figure | Absent =>
    results.get(LABELS[id])?.figures[id] ?? { value: null, line: null, why: `no line \`${LABELS[id]}\` on stdout` };
  return {
    request_rps: read('request_rps'),
    total_tps: read('total_tps'),
    output_tps: read('output_tps'),
    total_prompt_tokens: read('total_prompt_tokens'),
    total_output_tokens: read('total_output_tokens'),
    avg_ttft_s: read('avg_ttft_s'),
    p99_ttft_s: read('p99_ttft_s'),
    avg_tpot_tokens_per_s: read('avg_tpot_tokens_per_s'),
    p99_tpot_tokens_per_s: read('p99_tpot_tokens_per_s'),
  };
}

// (MainProcess pid=81) INFO 11-22 05:18:36 [utils.py:88] Sampling input_len from [128, 128] and output_len from [32, 32]
const sampling =
  /Sampling input_len from \[(?<inputLow>\d+), (?<inputHigh>\d+)\] and output_len from \[(?<outputLow>\d+), (?<outputHigh>\d+)\]/;

function sampledIn(line: Line): Found<SampledLengths> | null {
  const groups = line.text.includes('Sampling input_len') ? sampling.exec(line.text)?.groups : undefined;
  if (groups === undefined) return null;
  const number = (name: string): number => Number(groups[name]);
  const input_len = [number('inputLow'), number('inputHigh')] as const;
  const output_len = [number('outputLow'), number('outputHigh')] as const;
  return { value: { input_len, output_len }, line: line.number };
}

// .../benchmarks/throughput.py:998: UserWarning: Both --input-len and --random-input-len are specified. The random ...
// The same about --prefix-len stands on every random run, because both default to 0: it says nothing.
const ignoredFlag = /UserWarning: Both (?<flag>--input-len|--output-len) and --random-\w+-len are specified/;
