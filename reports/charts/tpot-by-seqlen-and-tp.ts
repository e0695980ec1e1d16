import { groupedBars } from './grouped-bars.ts';

/** TPOT as the field means it: time. The source document's meaning is in the chart of decode speed. */
export const tpot = groupedBars({
  id: 'tpot_by_seqlen_and_tp',
  title: 'Time per output token (TPOT)',
  metricName: 'TPOT',
  explanation:
    'Time per output token after the first, of each request; lower is better. Bar: mean over requests; line: p99.',
  yTitle: 'TPOT (ms per output token)',
  factor: 1000,
  whole: 'tpot_s',
  parts: null,
  tail: 'p99_tpot_s',
});
