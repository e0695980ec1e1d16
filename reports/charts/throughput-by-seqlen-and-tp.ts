import { groupedBars } from './grouped-bars.ts';

/** Generated tokens a second: the source document's chart, which showed total tokens under this name. */
export const throughput = groupedBars({
  id: 'throughput_by_seqlen_and_tp',
  title: 'Output throughput',
  metricName: 'output throughput',
  explanation: 'Generated tokens per second of the whole engine; prompt tokens are not counted.',
  yTitle: 'Output tokens / s',
  factor: 1,
  whole: 'throughput_output_tokens_per_sec',
  parts: null,
  tail: null,
});
