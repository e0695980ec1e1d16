import { expect, test } from 'vitest';
import type { RequestColumns } from '../../src/schema/driver-protocol.ts';
import { REQUEST_METRICS } from '../../src/schema/metrics.ts';
import { requestMetrics, withoutRequestMetrics } from '../../src/summary/request-metrics.ts';

/** One request: queued at 10.0, scheduled at 10.5, first token at 11.0, last of 5 tokens at 13.0. */
const ONE: RequestColumns = {
  prompt_tokens: [128],
  output_tokens: [5],
  cached_tokens: [0],
  finish_reason: ['length'],
  preemptions: [0],
  // Wall clock: no formula may use it.
  arrival_unix_s: [1_795_329_261],
  queued_ts: [10],
  scheduled_ts: [10.5],
  first_token_ts: [11],
  last_token_ts: [13],
  first_token_latency_s: [1.25],
};

test('the formulas of one request', () => {
  const { latency, missing } = requestMetrics(ONE);
  expect(Object.fromEntries(REQUEST_METRICS.map((metric) => [metric, latency[metric]?.mean]))).toEqual({
    ttft_s: 1,
    ttft_frontend_s: 1.25,
    queue_s: 0.5,
    prefill_s: 0.5,
    decode_s: 2,
    e2e_s: 3,
    tpot_s: 0.5,
    tpot_tokens_per_s: 2,
  });
  expect(missing).toEqual({});
});

// python -c "import numpy as np; d = np.array([2, 1, 4, 0.5]); t = 4 / d
// print(t.mean(), np.percentile(t, 1), np.percentile(t, 99), d.mean() / 4)"
test('tokens per second is the mean of each request’s rate, not the rate of the mean', () => {
  const columns = { ...repeated(4), last_token_ts: [13, 12, 15, 11.5] };
  const { latency } = requestMetrics(columns);
  expect(latency.tpot_tokens_per_s).toMatchObject({
    mean: 3.75,
    p1: expect.closeTo(1.03, 9),
    p99: expect.closeTo(7.88, 9),
  });
  expect(latency.tpot_s?.mean).toBeCloseTo(0.46875, 12);
});

test.each(['queued_ts', 'scheduled_ts', 'first_token_ts', 'last_token_ts'] as const)(
  'without %s every metric that needs it is null, the others are there',
  (column) => {
    for (const unseen of [null, 0]) {
      const { latency, missing } = requestMetrics({ ...repeated(3), [column]: [unseen, unseen, unseen] });
      const gone = REQUEST_METRICS.filter((metric) => latency[metric] === null);
      expect(gone).toEqual(NEEDS[column]);
      expect(Object.keys(missing)).toEqual(gone);
      for (const metric of gone) expect(missing[metric]).toBe(`every request has no ${column}`);
    }
  },
);

const NEEDS = {
  queued_ts: ['ttft_s', 'queue_s', 'e2e_s'],
  scheduled_ts: ['queue_s', 'prefill_s'],
  first_token_ts: ['ttft_s', 'prefill_s', 'decode_s', 'tpot_s', 'tpot_tokens_per_s'],
  last_token_ts: ['decode_s', 'e2e_s', 'tpot_s', 'tpot_tokens_per_s'],
};

test('first_token_latency of 0.0 was not taken', () => {
  const { latency, missing } = requestMetrics({ ...ONE, first_token_latency_s: [0] });
  expect(latency.ttft_frontend_s).toBeNull();
  expect(missing).toEqual({ ttft_frontend_s: 'every request has no first_token_latency' });
});

test('one request without a value takes the whole distribution, and is counted', () => {
  const { latency, missing } = requestMetrics({ ...repeated(3), queued_ts: [10, null, 10] });
  expect(latency.ttft_s).toBeNull();
  expect(missing['ttft_s']).toBe('1 of 3 requests: has no queued_ts');
});

test('one output token has no TPOT, whatever vLLM writes there', () => {
  const { latency, missing } = requestMetrics({ ...ONE, output_tokens: [1], last_token_ts: [11] });
  expect([latency.tpot_s, latency.tpot_tokens_per_s]).toEqual([null, null]);
  expect(latency.decode_s?.mean).toBe(0);
  expect(missing['tpot_s']).toBe('every request has fewer than 2 output tokens');
});

test('a decode of 0 s has a TPOT of 0 s and no rate: not Infinity', () => {
  const { latency, missing } = requestMetrics({ ...repeated(2), last_token_ts: [11, 13] });
  expect(latency.tpot_s).toMatchObject({ min: 0, max: 0.5 });
  expect(latency.tpot_tokens_per_s).toBeNull();
  expect(missing['tpot_tokens_per_s']).toBe(
    '1 of 2 requests: has its first and last token at one timestamp: no rate can be told',
  );
});

test('a time that runs backwards is no duration', () => {
  const { latency, missing } = requestMetrics({ ...repeated(2), last_token_ts: [10.75, null] });
  expect(latency.decode_s).toBeNull();
  expect(missing['decode_s']).toBe(
    '1 of 2 requests: has its last_token_ts before its first_token_ts; 1 more for other reasons',
  );
});

test('an engine without statistics: every metric null for its reason', () => {
  const { latency, missing } = withoutRequestMetrics('vLLM before 0.11.1');
  expect(Object.values(latency).every((distribution) => distribution === null)).toBe(true);
  expect(missing).toEqual(Object.fromEntries(REQUEST_METRICS.map((metric) => [metric, 'vLLM before 0.11.1'])));
});

function repeated(times: number): RequestColumns {
  const column = <T>(values: readonly T[]): T[] => Array.from({ length: times }, () => values).flat();
  return {
    prompt_tokens: column(ONE.prompt_tokens),
    output_tokens: column(ONE.output_tokens),
    cached_tokens: column(ONE.cached_tokens),
    finish_reason: column(ONE.finish_reason),
    preemptions: column(ONE.preemptions),
    arrival_unix_s: column(ONE.arrival_unix_s),
    queued_ts: column(ONE.queued_ts),
    scheduled_ts: column(ONE.scheduled_ts),
    first_token_ts: column(ONE.first_token_ts),
    last_token_ts: column(ONE.last_token_ts),
    first_token_latency_s: column(ONE.first_token_latency_s),
  };
}
