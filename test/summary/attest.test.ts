import { expect, test } from 'vitest';
import type { MeasurementFile } from '../../src/schema/driver-protocol.ts';
import { CHECKS } from '../../src/summary/attest.ts';
import type { Asked } from '../../src/summary/check.ts';
import { sampleFromMeasurement } from '../../src/summary/sample.ts';
import { askedOf, askedWithPrefix, cleanFile, withCell } from './clean.ts';
import { printedOf } from './printed-lines.ts';

const WHERE = { start: 0, attempt: 'a', evidence: 'a/job-a.r0.json' };

/** The reasons of a measurement whose result lines are those of its file. */
function reasons(asked: Asked, file: MeasurementFile): { code: string; message: string }[] {
  return sampleFromMeasurement(file, asked, WHERE, printedOf(file)).invalid;
}

interface Mutation {
  readonly flips: string;
  readonly asked?: Asked;
  readonly mutate: (file: MeasurementFile) => MeasurementFile;
  readonly says: string;
}

const engine = (changes: Partial<MeasurementFile['engine']>) => (file: MeasurementFile) => ({
  ...file,
  engine: { ...file.engine, ...changes },
});
const cell =
  (...[column, row, value]: [Parameters<typeof withCell>[1], number, never]) =>
  (file: MeasurementFile) =>
    withCell(file, column, row, value);
const withPrefix = askedWithPrefix();

/** One change of a clean measurement each, and the one check that has to see it. */
const MUTATIONS: readonly Mutation[] = [
  { flips: 'other-job', mutate: (file) => ({ ...file, job_id: 'job-b' }), says: 'measured job job-b, asked for job-a' },
  { flips: 'other-job', mutate: (file) => ({ ...file, repeat: 1 }), says: 'measured repeat 1, asked for 0' },
  {
    flips: 'other-job',
    mutate: (file) => ({ ...file, asked: { ...file.asked, output_len: 64 } }),
    says: 'the driver was told output_len 64, the plan says 32',
  },
  { flips: 'warm-up', mutate: (file) => ({ ...file, warmup_requests: 1 }), says: '1 of 2 warm-up requests finished' },
  {
    flips: 'timestamps',
    mutate: cell('scheduled_ts', 2, 99 as never),
    says: 'request 3 has its scheduled_ts before its queued_ts',
  },
  {
    flips: 'timestamps',
    mutate: cell('last_token_ts', 0, 100.15 as never),
    says: 'request 1 has its last_token_ts before its first_token_ts',
  },
  {
    flips: 'request-count',
    mutate: (file) => ({
      ...file,
      requests: cleanFile(askedOf({ num_prompts: 3 })).requests,
    }),
    says: '3 requests instead of 4',
  },
  {
    flips: 'finish-reason',
    mutate: cell('finish_reason', 1, 'stop' as never),
    says: '1 requests did not end by length, the first by stop',
  },
  { flips: 'finish-reason', mutate: cell('finish_reason', 1, null as never), says: 'the first by null' },
  {
    flips: 'prompt-tokens',
    mutate: cell('prompt_tokens', 3, 129 as never),
    says: '129 instead of 128 prompt tokens in 1 of 4 requests',
  },
  {
    flips: 'output-tokens',
    mutate: cell('output_tokens', 3, 1 as never),
    says: '1 instead of 32 output tokens in 1 of 4 requests',
  },
  {
    flips: 'cached-tokens',
    mutate: cell('cached_tokens', 0, 16 as never),
    says: '16 prompt tokens came from the prefix',
  },
  {
    flips: 'prefix-missed',
    asked: withPrefix,
    mutate: cell('cached_tokens', 0, 0 as never),
    says: 'hit rate 56.3 % of at best 75.0 %',
  },
  {
    flips: 'prefix-exceeded',
    asked: askedWithPrefix({ prefix_len: 64, shared_len: 64 }),
    mutate: (file) => ({ ...file, requests: { ...file.requests, cached_tokens: [112, 112, 112, 112] } }),
    says: 'hit rate 87.5 %, more than the 62.5 % that the prefix allows',
  },
  // The engine's clock runs from the first queued request to the last token; a tenth of the time cannot hold that.
  {
    flips: 'engine-clock',
    mutate: (file) => ({
      ...file,
      elapsed_s: file.elapsed_s / 10,
      phases: { ...file.phases, measure_s: file.elapsed_s / 10 },
    }),
    says: 's by its own clock',
  },
  { flips: 'cache-reset', mutate: (file) => ({ ...file, cache_reset: false }), says: 'vLLM refused to reset' },
  {
    flips: 'tensor-parallel-size',
    mutate: engine({ tensor_parallel_size: 1 }),
    says: 'tensor_parallel_size is 1, asked for 2',
  },
  { flips: 'pipeline-parallel-size', mutate: engine({ pipeline_parallel_size: 2 }), says: 'is 2, asked for 1' },
  { flips: 'max-num-seqs', mutate: engine({ max_num_seqs: 256 }), says: 'max_num_seqs is 256, asked for 64' },
  { flips: 'max-model-len', mutate: engine({ max_model_len: 4096 }), says: 'max_model_len is 4096, asked for 256' },
  { flips: 'prefix-caching', mutate: engine({ enable_prefix_caching: true }), says: 'is true, asked for false' },
  {
    flips: 'kv-cache-dtype',
    mutate: engine({ kv_cache_dtype: 'auto' }),
    says: 'kv_cache_dtype is auto, asked for fp8',
  },
];

test.each(MUTATIONS)('$flips, and no other: $says', ({ flips, asked = askedOf(), mutate, says }) => {
  const found = reasons(asked, mutate(cleanFile(asked)));
  expect(found).toEqual([{ code: flips, message: expect.stringContaining(says) }]);
});

test.each([
  askedOf(),
  withPrefix,
  askedWithPrefix({ prefix_state: 'cold' }),
  askedOf({ prefix_len: 96, shared_len: 96 }),
])('clean measurements stay clean', (asked) => {
  expect(reasons(asked, cleanFile(asked))).toEqual([]);
});

test('what an old vLLM does not tell is held against nobody', () => {
  const engineTellsNothing = Object.fromEntries(Object.keys(cleanFile().engine).map((key) => [key, null]));
  const untold = {
    ...cleanFile(withPrefix),
    cache_reset: null,
    engine: engineTellsNothing as MeasurementFile['engine'],
  };
  expect(reasons(withPrefix, untold)).toEqual([]);
  const noCounts = { ...untold, requests: { ...untold.requests, cached_tokens: [null, null, null, null] } };
  expect(reasons(withPrefix, noCounts)).toEqual([]);
});

test('timestamps that vLLM did not see are not out of order', () => {
  for (const unseen of [0, null]) {
    expect(reasons(askedOf(), withCell(cleanFile(), 'scheduled_ts', 0, unseen))).toEqual([]);
  }
});

test('a cold prefix may miss; a warm one at nine tenths of the bound may not', () => {
  const cold = askedWithPrefix({ prefix_state: 'cold' });
  const missed = (asked: Asked) => withCell(cleanFile(asked), 'cached_tokens', 2, 0);
  expect(reasons(cold, missed(cold))).toEqual([]);
  const edge = withCell(cleanFile(withPrefix), 'cached_tokens', 0, 64);
  expect(reasons(withPrefix, edge)).toEqual([]);
});

test('every check but those of whole runs has its mutation here', () => {
  // exit-code, result-lines, no-result-lines, repeated-lines: stock-sample.test.ts and sample.test.ts. elapsed-time: the schema of
  // measurement files refuses it first; the check is held against a value below.
  const elsewhere = ['exit-code', 'elapsed-time', 'result-lines', 'no-result-lines', 'repeated-lines'];
  const covered = new Set([...MUTATIONS.map(({ flips }) => flips), ...elsewhere]);
  expect(CHECKS.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});

test('an elapsed time of 0 is no measurement', () => {
  const file = { ...cleanFile(), elapsed_s: 0 };
  const codes = sampleFromMeasurement(file, askedOf(), WHERE, null).invalid.map(({ code }) => code);
  expect(codes).toEqual(['elapsed-time']);
});

test('each row of the table tells what it is for, under its own id', () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  for (const check of CHECKS) {
    expect(check.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of [check.compares, check.tolerance, check.stands_for]) expect(text.length).toBeGreaterThan(3);
  }
});
