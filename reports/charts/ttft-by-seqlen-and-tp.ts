import { groupedBars } from './grouped-bars.ts';

/** Time to first token, and how much of it is waiting. */
export const ttft = groupedBars({
  id: 'ttft_by_seqlen_and_tp',
  title: 'Time to first token (TTFT) under an offline burst',
  metricName: 'TTFT',
  explanation:
    'Offline-burst: all requests are sent at once, so it includes waiting in the queue. Bar: mean over requests; line: p99.',
  yTitle: 'TTFT (s)',
  factor: 1,
  whole: 'avg_ttft_s',
  parts: { solid: 'avg_prefill_s', explanation: 'Solid: prefill; pale: queue.' },
  tail: 'p99_ttft_s',
});
