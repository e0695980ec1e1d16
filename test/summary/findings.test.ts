import { describe, expect, test } from 'vitest';
import type { EngineSettings } from '../../src/schema/engine.ts';
import type { Aggregate, JobRecord } from '../../src/schema/record.ts';
import { recordOf } from '../../src/summary/record.ts';
import { sampleFromMeasurement } from '../../src/summary/sample.ts';
import { summaryOf } from '../../src/summary/summary.ts';
import { BF16, FP8, W4A16 } from '../physics/models.ts';
import { askedOf, askedWithPrefix, cleanFile, engineOf } from './clean.ts';

/** A valid record of these engine settings with this throughput, known to +-`half`. */
function record(engine: Partial<EngineSettings>, tps: number, half: number | null = 10): JobRecord {
  const asked = askedOf();
  const file = cleanFile(asked);
  const sample = sampleFromMeasurement(file, asked, { start: 0, attempt: 'a', evidence: 'a/f' }, null);
  const made = recordOf({
    job: {
      ...{ id: JSON.stringify(engine), run_name: 'a', also_named: [], mode: 'vllm_throughput' },
      ...{ workload: asked.workload, repeats: 1, until: null, min_duration_seconds: 0 },
    },
    engine: engineOf(engine),
    precision: engine.quantization === 'fp8' ? FP8 : engine.quantization === 'fp4' ? W4A16 : BF16,
    max_model_len: { value: 256, origin: 'derived' },
    method: { driver: 'resident', version: 1 },
    ...{ asked_samples: 1, samples: [sample], failures: [], engine_report: file.engine, ran: null, bound: null },
    ...{ engine_start_s: [], log: null },
  });
  const ci95: Aggregate['ci95'] = half === null ? null : { low: tps - half, high: tps + half, over: 'starts' };
  const spread = { stdev: null, cv: null, drift: null, min: tps, max: tps };
  const throughput: Aggregate = { value: tps, n: 3, starts: 3, ci95, ...spread };
  return { ...made, notes: [], results: { ...made.results, output_throughput_tps: throughput } };
}

/** What was found, record by record. */
function found(...records: JobRecord[]): string[][] {
  const { records: noted } = summaryOf(records, null);
  expect(noted.map((one) => ({ ...one, notes: [] }))).toEqual(records.map((one) => ({ ...one, notes: [] })));
  return noted.map(({ notes }) => notes.map(({ code, message }) => `${code}: ${message}`));
}

describe('twice the tensor_parallel_size', () => {
  const tp = (tensor_parallel_size: number, tps: number, engine: Partial<EngineSettings> = {}) =>
    record({ ...engine, tensor_parallel_size }, tps);

  test('gives at most twice as much', () => {
    expect(found(tp(2, 1000), tp(4, 2000), tp(8, 4100))).toEqual([
      [],
      [],
      [
        'tp-superlinear: TP 8 gives 2.05 times the 2,000 tok/s of TP 4: more than twice the devices account for, ' +
          'unless the smaller one was short of KV cache',
      ],
    ]);
  });

  test('is that of the same model, precision, workload and method only', () => {
    expect(found(tp(2, 1000), tp(4, 9000, { model: 'other' }))).toEqual([[], []]);
    expect(found(tp(2, 1000), tp(4, 9000, { quantization: 'fp8' }))).toEqual([[], []]);
    expect(found(tp(2, 1000), tp(8, 9000))).toEqual([[], []]);
    const large = tp(4, 9000);
    expect(found(tp(2, 1000), { ...large, workload: { ...large.workload, num_prompts: 5 } })).toEqual([[], []]);
    expect(found(tp(2, 1000), { ...large, method: { driver: 'stock', version: 1 } })).toEqual([[], []]);
  });

  test('of a record that is not valid says nothing', () => {
    expect(found({ ...tp(2, 1000), state: 'invalid' }, tp(4, 9000))).toEqual([[], []]);
    expect(found(tp(2, 1000), { ...tp(4, 9000), state: 'invalid' })).toEqual([[], []]);
  });
});

describe('FP4', () => {
  const q = (quantization: string | null, tps: number, half: number | null = 10) =>
    record({ quantization, checkpoint: quantization === null ? null : `m-${quantization}` }, tps, half);

  test('that is slower than FP8 by more than the intervals', () => {
    expect(found(q(null, 500), q('fp8', 1000), q('fp4', 900))).toEqual([
      [],
      [],
      ['fp4-slower: FP4 is slower than FP8: 900 tok/s are 90 % of its 1,000 tok/s'],
    ]);
    // 900 to 1000 and 960 to 1060 overlap.
    expect(found(q('fp8', 1010, 50), q('fp4', 950, 50))).toEqual([[], []]);
    expect(found(q('fp8', 1000), q('fp4', 1100))).toEqual([[], []]);
    expect(found(q(null, 1000), q('fp4', 900))).toEqual([[], []]);
  });

  test('without an interval is taken as it is, and that is said', () => {
    expect(found(q('fp8', 1000, null), q('fp4', 900))[1]).toEqual([
      'fp4-slower: FP4 is slower than FP8: 900 tok/s are 90 % of its 1,000 tok/s; one of them has no interval',
    ]);
  });
});

describe('a hit rate', () => {
  function withRate(rate: number, prefix_state: 'warm' | 'cold' = 'warm'): JobRecord {
    const plain = record({ enable_prefix_caching: true }, 1000);
    const { workload } = askedWithPrefix({ prefix_state });
    const prefix_cache_hit_rate = { ...(plain.results['output_throughput_tps'] as Aggregate), value: rate };
    return {
      ...plain,
      workload,
      hit_rate_bound: { value: 0.75, block_size: 16, block_size_origin: 'engine' },
      results: { ...plain.results, prefix_cache_hit_rate },
    };
  }

  test('under 0.95 of its bound is told, warm and cold', () => {
    expect(found(withRate(0.75), withRate(0.7126))).toEqual([[], []]);
    expect(found(withRate(0.7))).toEqual([
      [
        'hit-rate-low: the warm prefix was found in the cache for 70.0 % of the prompt tokens, 75.0 % are possible: ' +
          'evicted, or not yet there when it was asked for',
      ],
    ]);
    expect(found(withRate(0.3, 'cold'))[0]?.[0]).toContain('the cold prefix');
  });

  test('of a point without a shared prefix is none', () => {
    const { workload } = askedOf();
    expect(found({ ...withRate(0), workload })).toEqual([[]]);
  });
});
