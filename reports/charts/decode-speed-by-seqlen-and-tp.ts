import { groupedBars } from './grouped-bars.ts';

/** What the source document calls TPOT: tokens per second of one request. */
export const decodeSpeed = groupedBars({
  id: 'decode_speed_by_seqlen_and_tp',
  title: 'Decode speed of one request (tokens/s)',
  metricName: 'decode speed',
  explanation:
    'Output tokens per second of each request after its first token (the inverse of TPOT; some sources call this TPOT); ' +
    'higher is better. Bar: mean over requests; line: p1, the slowest 1%.',
  yTitle: 'Output tokens / s of one request',
  factor: 1,
  whole: 'avg_tpot_tokens_per_s',
  parts: null,
  tail: 'p1_tpot_tokens_per_s',
});
