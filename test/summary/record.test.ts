import { expect, test } from 'vitest';
import type { Job, SkippedJob } from '../../src/schema/plan.ts';
import { JobRecord, type Reason, type Sample } from '../../src/schema/record.ts';
import { type Outcomes, recordOf, skippedRecord } from '../../src/summary/record.ts';
import { sampleFromMeasurement } from '../../src/summary/sample.ts';
import { countStates, summaryOf } from '../../src/summary/summary.ts';
import { askedOf, cleanFile, engineOf, PLAIN, workloadOf } from './clean.ts';

const JOB: Job = {
  id: 'job-a',
  run_name: 'chat_TP-2_ISL-128_OSL-32',
  also_named: ['other'],
  mode: 'vllm_throughput',
  workload: workloadOf(),
  repeats: 3,
  until: null,
  min_duration_seconds: 0,
};
const DIED: Reason = { code: 'engine-died', message: 'ValueError: no room' };

/** A sample of the clean measurement, which took this long. */
function sample(repeat: number, elapsed_s = 2, invalid: Reason[] = []): Sample {
  const asked = { ...askedOf(), repeat };
  const where = { start: 0, attempt: 'a', evidence: `a/job-a.r${repeat}.json` };
  return { ...sampleFromMeasurement(cleanFile(asked, { elapsed_s }), asked, where, null), invalid };
}

function record(changes: Partial<Outcomes> = {}) {
  const made = recordOf({
    job: JOB,
    engine: engineOf(),
    precision: PLAIN,
    max_model_len: { value: 256, origin: 'derived' },
    method: { driver: 'resident', version: 1 },
    asked_samples: 3,
    samples: [],
    failures: [],
    engine_report: cleanFile().engine,
    ran: null,
    bound: null,
    engine_start_s: [19.4],
    log: { file: 'client_logs/1.log', first_line: 1, last_line: 9 },
    ...changes,
  });
  expect(JobRecord.parse(made)).toEqual(made);
  return made;
}

test('valid: every asked sample is there and valid', () => {
  const made = record({ samples: [sample(0, 2), sample(1, 4), sample(2, 2)] });
  expect(made).toMatchObject({ state: 'valid', reasons: [], job_id: 'job-a', also_named: ['other'], missing: {} });
  expect(made.results['elapsed_s']).toEqual({
    value: 2,
    n: 3,
    starts: 1,
    // 2 +- t(0.975; 2) 4.30265273 * standard error 0.6698291607 of a median of 3 * stdev
    ci95: { low: expect.closeTo(-1.327896, 5), high: expect.closeTo(5.327896, 5), over: 'repeats' },
    stdev: expect.closeTo(Math.sqrt(4 / 3), 12),
    cv: expect.closeTo(Math.sqrt(4 / 3) / (8 / 3), 12),
    drift: expect.closeTo(0, 12),
    min: 2,
    max: 4,
  });
  // Sample metrics by id; each of the eight request metrics by six statistics.
  expect(Object.keys(made.results)).toHaveLength(5 + 8 * 6);
  expect(made.results['ttft_s_p99']).toMatchObject({ n: 3, stdev: 0 });
  expect(made.results['tpot_tokens_per_s_p1']?.value).toBeCloseTo(31, 6);
  expect(made.hit_rate_bound).toEqual({ value: 0, block_size: 16, block_size_origin: 'engine' });
});

test('valid and incomplete: some samples were never measured', () => {
  const failures = [1, 2].map((repeat) => ({ start: 0, repeat, reason: DIED }));
  expect(record({ samples: [sample(0)], failures })).toMatchObject({
    state: 'valid',
    reasons: [{ code: 'incomplete', message: '1 of 3 samples: ValueError: no room' }],
    results: { elapsed_s: { n: 1, stdev: null } },
  });
  expect(record({ samples: [sample(0), sample(1)] }).reasons).toEqual([
    { code: 'incomplete', message: '2 of 3 samples: the rest was not attempted' },
  ]);
});

test('a failure that a later attempt made good again does not count', () => {
  const failures = [{ start: 0, repeat: 0, reason: DIED }];
  expect(record({ samples: [sample(0), sample(1), sample(2)], failures })).toMatchObject({
    state: 'valid',
    reasons: [],
  });
});

test('invalid: one sample is, and it is never averaged', () => {
  const bad = sample(1, 100, [{ code: 'cached-tokens', message: '16 prompt tokens came from the prefix cache' }]);
  expect(record({ samples: [sample(0), bad, sample(2)] })).toMatchObject({
    state: 'invalid',
    reasons: [{ code: 'cached-tokens', message: 'start 0, repeat 1: 16 prompt tokens came from the prefix cache' }],
    results: { elapsed_s: { value: 2, n: 2 } },
  });
});

test('invalid with nothing left to average: no results, and why', () => {
  const made = record({ asked_samples: 1, samples: [sample(0, 2, [{ code: 'x', message: 'why' }])] });
  expect(made).toMatchObject({ state: 'invalid', reasons: [{ code: 'x', message: 'why' }], results: {} });
  expect(made.missing).toMatchObject({ elapsed_s: 'no valid sample', ttft_s: 'no valid sample' });
});

test('failed: attempted, and nothing is there; one reason for many repeats', () => {
  const failures = [0, 1, 2].map((repeat) => ({ start: 0, repeat, reason: DIED }));
  expect(record({ failures })).toMatchObject({ state: 'failed', reasons: [DIED], results: {}, samples: [] });
});

test('not-run: nothing was attempted', () => {
  expect(record({ engine_report: null, log: null })).toMatchObject({
    state: 'not-run',
    reasons: [{ code: 'not-run' }],
    hit_rate_bound: { block_size: 16, block_size_origin: 'assumed' },
  });
});

test('a metric that no valid sample has is absent, with the reason of the samples', () => {
  const nothing = [null, null, null, null];
  const requests = { ...cleanFile().requests, queued_ts: nothing };
  const asked = askedOf();
  const where = { start: 0, attempt: 'a', evidence: 'a/x' };
  const made = record({
    asked_samples: 1,
    samples: [sampleFromMeasurement({ ...cleanFile(), requests }, asked, where, null)],
  });
  expect(made.state).toBe('valid');
  expect(made.missing).toEqual({
    ttft_s: 'every request has no queued_ts',
    queue_s: 'every request has no queued_ts',
    e2e_s: 'every request has no queued_ts',
    mbu: 'no bound: nothing is known of the device',
    mfu: 'no bound: nothing is known of the device',
    power_w: 'the hardware was not sampled',
    energy_per_output_token_j: 'the hardware was not sampled',
  });
  expect(Object.keys(made.results).filter((key) => key.startsWith('ttft_s'))).toEqual([]);
});

test('skipped: known before anything was started', () => {
  const skipped: SkippedJob = {
    run_name: 'fp4',
    mode: 'vllm_throughput',
    engine: engineOf({ quantization: 'fp4' }),
    workload: workloadOf(),
    reason: 'FP4 needs vLLM 0.28',
  };
  const made = skippedRecord(skipped, 'job-s', { driver: 'resident', version: 1 });
  expect(JobRecord.parse(made)).toEqual(made);
  expect(made).toMatchObject({ state: 'skipped', reasons: [{ code: 'skipped', message: 'FP4 needs vLLM 0.28' }] });
});

test('the summary is the records as they are, and their states can be counted', () => {
  const records = [record(), record({ samples: [sample(0), sample(1), sample(2)] })];
  expect(summaryOf(records, null)).toEqual({ schema: 1, records, environment: null });
  expect(countStates(records)).toEqual({ valid: 1, invalid: 0, failed: 0, skipped: 0, 'not-run': 1 });
});
