import { expect, test } from 'vitest';
import { missingOf, resultsOf } from '../../src/summary/results.ts';
import { equalRequests, sampleAs, samplesAs } from './samples.ts';

test('the starts are the units of a figure', () => {
  // Medians of the starts: 100, 110 and 130; their median is 110. The median of all seven would be 101.
  const { output_throughput_tps } = resultsOf(samplesAs([99, 100, 101], [110], [128, 130, 132]));
  expect(output_throughput_tps).toMatchObject({
    value: 110,
    n: 7,
    starts: 3,
    ci95: { over: 'starts' },
    min: 99,
    max: 132,
  });
});

test('repeats keep their places when the samples come in another order', () => {
  const samples = samplesAs([110, 100, 90]);
  expect(resultsOf(samples)['output_throughput_tps']?.drift).toBeCloseTo(-0.2, 12);
  expect(resultsOf(samples.toReversed())).toEqual(resultsOf(samples));
});

test('a statistic of requests is made one number over the samples, each statistic by itself', () => {
  const samples = [0.2, 0.4, 0.9].map((value, repeat) =>
    sampleAs({ repeat }, 100, { latency: { ttft_s: { ...equalRequests(20, value), p99: 10 * value } } }),
  );
  const results = resultsOf(samples);
  expect(results['ttft_s_mean']).toMatchObject({ value: 0.4, n: 3, starts: 1 });
  expect(results['ttft_s_p99']).toMatchObject({ value: 4, n: 3, starts: 1 });
});

test('an invalid sample is in no figure', () => {
  const invalid = [{ code: 'cached-tokens', message: '16 prompt tokens came from the prefix cache' }];
  const samples = [sampleAs({ repeat: 0 }, 100), sampleAs({ repeat: 1 }, 900, { invalid })];
  expect(resultsOf(samples)['output_throughput_tps']).toMatchObject({ value: 100, n: 1, max: 100 });
});

test('a sample without a metric is left out of that one; a metric that no sample has is absent', () => {
  const samples = [
    { ...sampleAs({ repeat: 0 }, null), missing: { output_throughput_tps: 'not printed' } },
    sampleAs({ repeat: 1 }, 100),
  ];
  expect(Object.keys(resultsOf(samples))).toEqual(['output_throughput_tps']);
  expect(resultsOf(samples)['output_throughput_tps']).toMatchObject({ value: 100, n: 1 });
  expect(missingOf(samples)).not.toHaveProperty('output_throughput_tps');
  expect(missingOf(samples.slice(0, 1))['output_throughput_tps']).toBe('not printed');
  expect(missingOf([])['ttft_s']).toBe('no valid sample');
});
