import { expect, test } from 'vitest';
import { Sample } from '../../src/schema/record.ts';
import { sampleFromMeasurement } from '../../src/summary/sample.ts';
import { askedOf, askedWithPrefix, cleanFile, withCell } from './clean.ts';
import { printedOf } from './printed-lines.ts';

const WHERE = { start: 1, attempt: 'attempts/1_x', evidence: 'attempts/1_x/job-a.r0.json' };

test('a clean measurement is a valid sample, its rates made from its counts', () => {
  const file = cleanFile();
  const sample = sampleFromMeasurement(file, askedOf(), WHERE, printedOf(file));
  expect(Sample.parse(sample)).toEqual(sample);
  expect(sample).toMatchObject({
    ...WHERE,
    repeat: 0,
    invalid: [],
    counts: { requests: 4, prompt_tokens: 512, output_tokens: 128, cached_tokens: 0, preemptions: 0 },
    values: {
      request_throughput_rps: 2,
      output_throughput_tps: 64,
      total_throughput_tps: 320,
      elapsed_s: 2,
      prefix_cache_hit_rate: 0,
    },
    missing: {},
    phases: { warmup_s: 0.3 },
  });
  expect(sample.latency.ttft_s).toMatchObject({ n: 4, mean: expect.closeTo(0.35, 9), max: expect.closeTo(0.5, 9) });
});

test('a hit rate of 0 was measured; an unknown one is null with its reason', () => {
  const asked = askedWithPrefix();
  expect(sampleFromMeasurement(cleanFile(asked), asked, WHERE, null).values.prefix_cache_hit_rate).toBe(0.75);
  const one = withCell(cleanFile(asked), 'cached_tokens', 1, null);
  const sample = sampleFromMeasurement(one, asked, WHERE, null);
  expect(sample.counts.cached_tokens).toBeNull();
  expect(sample.values.prefix_cache_hit_rate).toBeNull();
  expect(sample.missing).toEqual({
    cached_tokens: 'this vLLM does not tell it for every request',
    prefix_cache_hit_rate: 'this vLLM does not tell it for every request',
    mbu: 'no bound: nothing is known of the device',
    mfu: 'no bound: nothing is known of the device',
    power_w: 'the hardware was not sampled',
    energy_per_output_token_j: 'the hardware was not sampled',
    telemetry: 'the hardware was not sampled',
  });
  expect(sample.invalid).toEqual([]);
});

test('an engine without per-request statistics gives a valid sample without latencies', () => {
  const nothing = [null, null, null, null];
  const requests = {
    ...cleanFile().requests,
    queued_ts: nothing,
    scheduled_ts: nothing,
    first_token_ts: nothing,
    last_token_ts: nothing,
    first_token_latency_s: nothing,
    preemptions: nothing,
  };
  const file = cleanFile(askedOf(), { requests, metrics_missing: 'vLLM before 0.11.1' });
  const sample = sampleFromMeasurement(file, askedOf(), WHERE, printedOf(file));
  expect(sample.invalid).toEqual([]);
  expect(Object.values(sample.latency).every((distribution) => distribution === null)).toBe(true);
  expect(sample.missing).toMatchObject({
    ttft_s: 'vLLM before 0.11.1',
    tpot_tokens_per_s: 'vLLM before 0.11.1',
    preemptions: 'this vLLM does not tell it for every request',
  });
});

test.each([
  { from: 'Throughput: 2.00', to: 'Throughput: 2.01', what: 'requests/s: 2.01 printed, 2 in the file' },
  { from: 'prompt tokens:  512', to: 'prompt tokens:  513', what: 'prompt tokens: 513 printed' },
  { from: 'Average TTFT (s): 0.350000', to: 'Average TTFT (s): 0.350002', what: 'average TTFT' },
  { from: 'P99 TPOT (tokens/s): 31.0000', to: 'P99 TPOT (tokens/s): 31.0010', what: 'P99 TPOT' },
])('$to on stdout is not what the file says', ({ from, to, what }) => {
  const file = cleanFile();
  const printed = printedOf(file, (text) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  });
  const { invalid } = sampleFromMeasurement(file, askedOf(), WHERE, printed);
  expect(invalid).toEqual([{ code: 'result-lines', message: expect.stringContaining(what) }]);
});

test('result lines that stand twice are two runs', () => {
  const file = cleanFile();
  const { invalid } = sampleFromMeasurement(
    file,
    askedOf(),
    WHERE,
    printedOf(file, (text) => text + text),
  );
  expect(invalid).toMatchObject([{ code: 'repeated-lines', message: expect.stringContaining('Throughput:') }]);
});

test('a log without its result lines is nothing to hold the file against', () => {
  const file = cleanFile();
  const without = printedOf(file, (text) => text.replaceAll(/^Throughput: .*\n/gm, ''));
  const { invalid } = sampleFromMeasurement(file, askedOf(), WHERE, without);
  expect(invalid).toEqual([{ code: 'no-result-lines', message: expect.stringContaining('Throughput:') }]);
});
