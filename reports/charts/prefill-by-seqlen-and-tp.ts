import { groupedBars } from './grouped-bars.ts';

/** The part of TTFT that is work: in an offline burst the wait before it is so long that it hides there. */
export const prefill = groupedBars({
  id: 'prefill_by_seqlen_and_tp',
  title: 'Prefill time (TTFT without the queue)',
  metricName: 'prefill time',
  explanation:
    'From the moment a request is scheduled to its first token, beside all others in the batch; lower is better. ' +
    'Bar: mean over requests; line: p99.',
  yTitle: 'Prefill time (ms)',
  factor: 1000,
  whole: 'avg_prefill_s',
  parts: null,
  tail: 'p99_prefill_s',
});
