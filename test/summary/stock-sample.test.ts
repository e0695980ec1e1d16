import { expect, test } from 'vitest';
import { linesOf } from '../../parsers/evidence.ts';
import { parseThroughput } from '../../parsers/vllm-throughput.ts';
import { Sample } from '../../src/schema/record.ts';
import { isUnmeasured, sampleFromStock } from '../../src/summary/stock-sample.ts';
import { askedOf } from './clean.ts';

const WHERE = { start: 0, attempt: 'attempts/1_x', evidence: 'attempts/1_x/output.json' };
const ASKED = askedOf({}, { driver: { kind: 'stock' } });
const JSON_FILE = {
  elapsed_time: 2,
  num_requests: 4,
  total_num_tokens: 644,
  requests_per_second: 2,
  tokens_per_second: 322,
};
const STDOUT = `Throughput: 2.00 requests/s, 322.00 total tokens/s, 64.00 output tokens/s
Total num prompt tokens:  516
Total num output tokens:  128
`;

const sampled = (
  stdout = STDOUT,
  json: Parameters<typeof sampleFromStock>[1] = JSON_FILE,
  exitCode: number | null = 0,
) => sampleFromStock(parseThroughput({ stdout: linesOf(stdout), stderr: linesOf('') }), json, ASKED, WHERE, exitCode);

test('rates from the file, tokens from stdout, and no latency with the reason', () => {
  const sample = sampled();
  expect(Sample.parse(sample)).toEqual(sample);
  expect(sample).toMatchObject({
    invalid: [],
    counts: { requests: 4, prompt_tokens: 516, output_tokens: 128, cached_tokens: null, preemptions: null },
    values: {
      request_throughput_rps: 2,
      output_throughput_tps: 64,
      total_throughput_tps: 322,
      elapsed_s: 2,
      prefix_cache_hit_rate: null,
    },
    latency: { ttft_s: null, tpot_s: null },
    missing: {
      ttft_s: 'vllm bench throughput does not report it',
      tpot_tokens_per_s: 'vllm bench throughput does not report it',
      prefix_cache_hit_rate: 'vllm bench throughput does not report it',
    },
    phases: null,
  });
});

test('an old script: one sum of tokens, output rate as printed', () => {
  const sample = sampled('Throughput: 2.00 requests/s, 322.00 total tokens/s, 64.00 output tokens/s\n');
  expect(sample).toMatchObject({
    invalid: [],
    counts: { prompt_tokens: null, output_tokens: null },
    values: { output_throughput_tps: 64 },
    missing: { prompt_tokens: 'no line `Total num prompt tokens:` on stdout' },
  });
});

test('an old script that computed another workload is caught by the sum', () => {
  const json = { ...JSON_FILE, total_num_tokens: 4608, tokens_per_second: 2304 };
  const stdout = 'Throughput: 2.00 requests/s, 2304.00 tokens/s\n';
  expect(sampled(stdout, json)).toMatchObject({
    invalid: [{ code: 'prompt-tokens', message: '4608 instead of 640 prompt and output tokens in all' }],
    values: { output_throughput_tps: null },
    missing: { output_throughput_tps: 'the two-number line of an old script has no output tokens/s' },
  });
});

test('the source document’s script prints a mean and a percentile: told, and no distribution', () => {
  const sample = sampled(`${STDOUT}Average TTFT (s): 0.25\nP99 TTFT (s): 0.5\n`);
  expect(sample).toMatchObject({
    latency: { ttft_s: null },
    missing: { ttft_s: 'printed as mean 0.25 s and P99 0.5 s only; its requests are not told' },
  });
});

test.each([
  { json: null, code: 'no-result', says: 'printed a result, wrote no result file and exited with code 1' },
  { json: { unreadable: 'empty' }, code: 'unreadable-result', says: 'a result file that cannot be read (empty)' },
])('$code: no sample', ({ json, code, says }) => {
  const result = sampled(STDOUT, json, 1);
  expect(isUnmeasured(result)).toBe(true);
  expect(result).toEqual({ unmeasured: { code, message: expect.stringContaining(says) } });
});

test.each([
  { name: 'exit code', run: () => sampled(STDOUT, JSON_FILE, 1), code: 'exit-code' },
  {
    name: 'a request less',
    run: () => sampled(STDOUT.replace('2.00', '1.50'), { ...JSON_FILE, num_requests: 3, requests_per_second: 1.5 }),
    code: 'request-count',
  },
  {
    name: 'stdout of another run',
    run: () => sampled(STDOUT.replace('322.00', '322.02')),
    code: 'result-lines',
  },
  {
    name: 'a forged rate',
    run: () => sampled(STDOUT.replace('2.00', '3.00'), { ...JSON_FILE, requests_per_second: 3 }),
    code: 'result-lines',
  },
  {
    name: 'an output token less',
    run: () =>
      sampled(STDOUT.replace('tokens:  128', 'tokens:  127').replace('64.00', '63.50').replace('322.00', '321.50'), {
        ...JSON_FILE,
        total_num_tokens: 643,
        tokens_per_second: 321.5,
      }),
    code: 'output-tokens',
  },
  {
    name: 'prompts 3 % too long',
    run: () =>
      sampled(STDOUT.replace('516', '528').replace('322.00', '328.00'), {
        ...JSON_FILE,
        total_num_tokens: 656,
        tokens_per_second: 328,
      }),
    code: 'prompt-tokens',
  },
  { name: 'twice', run: () => sampled(STDOUT + STDOUT), code: 'repeated-lines' },
])('$name flips $code and nothing else', ({ run, code }) => {
  const sample = run();
  expect('invalid' in sample ? sample.invalid.map((reason) => reason.code) : sample).toEqual([code]);
});

test('the process was killed before it could say', () => {
  expect(sampled('', null, null)).toEqual({
    unmeasured: {
      code: 'no-result',
      message: 'the benchmark printed no result, wrote no result file and did not exit',
    },
  });
});
