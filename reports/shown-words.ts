import type { MetricId } from '../src/schema/metrics.ts';
import { SPREADS, STATISTICS } from '../src/schema/metrics.ts';

/** A heading of the table for people that is a metric, or a part of one. */
export const METRIC_HEADINGS: ReadonlyMap<string, { readonly metric: MetricId; readonly part: string | null }> =
  new Map([
    ['output', { metric: 'output_throughput_tps', part: null }],
    ['total', { metric: 'total_throughput_tps', part: null }],
    ['ttft avg', { metric: 'ttft_s', part: STATISTICS.mean }],
    ['ttft p99', { metric: 'ttft_s', part: STATISTICS.p99 }],
    ['tpot avg', { metric: 'tpot_s', part: STATISTICS.mean }],
    ['hit rate', { metric: 'prefix_cache_hit_rate', part: null }],
    ['energy', { metric: 'energy_per_output_token_j', part: null }],
  ]);

/** The other headings, and the fields of a `spread` in summary_report.json. */
export const WORDS: ReadonlyMap<string, string> = new Map([
  ['95% ci', 'longer arm of the 95% confidence interval of the output throughput, in per cent of it'],
  ['bound', 'in summary_report.json what the hardware allows; beside a hit rate the best one that the lengths allow'],
  ['precision', 'the precision that ran, as the engine tells; what was asked where it does not'],
  ['tp', 'tensor_parallel_size: devices that share each layer'],
  ['pp', 'pipeline_parallel_size: groups of layers on different devices'],
  ['in/out', 'input and output length in tokens'],
  ['in/out/prefix', 'input, output and shared prefix in tokens; + before a prefix that comes on top of the input'],
  ['kv cache', 'data type of the KV cache that was asked for'],
  ['args', 'flags of vLLM’s that the run definition adds'],
  ['env', 'environment variables that the run definition sets'],
  ['run', 'the name that the run definition gives'],
  ['state', 'whether a point is valid, and letters for its notes'],
  ['note', 'letters for what to know about a valid number, told below the table'],
  ['values', 'the figure of each valid sample'],
  ['n', 'valid samples that a figure is made from'],
  ['starts', 'engine processes that the samples are of'],
  ['ci95', '95% confidence interval: low, high, and what it is over, starts or repeats'],
  ['stdev', SPREADS.stdev],
  ['cv', SPREADS.cv],
  ['drift', 'trend from the first to the last repeat of an engine process, as a share of the median'],
  ['min', 'least of the samples'],
  ['max', 'greatest of the samples'],
]);

/** `hit_rate`, `Hit-Rate` and `hit rate` are one word. */
export function asHeading(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]+/g, ' ');
}
