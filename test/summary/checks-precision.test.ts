import { describe, expect, test } from 'vitest';
import type { Precision } from '../../src/schema/precision.ts';
import { online, TINY } from '../fixtures/captured.ts';
import { PLAIN } from './clean.ts';
import { codes } from './codes.ts';

const AWQ: Precision = {
  asked: null,
  flag: null,
  by: 'checkpoint',
  reaches: 'all',
  weights: 'int4',
  activations: null,
};
const method = { method: 'awq', weights: 'int4', activations: null, kv_cache: null, source: 'config.json' } as const;

test('a quantized checkpoint may run by any method, but by one', () => {
  const asked = { precision: AWQ, checkpoint: { ...TINY, quantization: method, size: null } };
  const weights = { bytes: 1, by_dtype: {}, methods: { AWQMarlinLinearMethod: 16 } };
  expect(codes({ asked, engine: { quantization: 'awq_marlin', weights } })).toEqual([]);
  expect(codes({ asked, engine: { quantization: null, weights } })).toEqual(['quantization']);
});

test('of a Hugging Face id that is not here yet nobody knows whether it is quantized', () => {
  const engine = { quantization: 'mxfp4' };
  const read = (config_sha256: string | null) => ({ checkpoint: { ...TINY, config_sha256 } });
  expect(codes({ asked: { checkpoint: null }, engine })).toEqual([]);
  expect(codes({ asked: read(null), engine })).toEqual([]);
  expect(codes({ asked: read('1a2b'), engine })).toEqual(['quantization']);
});

test('an engine that tells nothing of its model tells nothing of its quantization', () => {
  const untold = { model: null, dtype: null, quantization: null, weights: null };
  expect(codes({ asked: { precision: AWQ, checkpoint: null }, engine: untold })).toEqual([]);
});

test('half of the saving must be there: in FP8 of the 5.18 MB at most 4.0 MB are left', () => {
  const engine = (bytes: number) => ({
    quantization: 'fp8_per_block',
    weights: { bytes, by_dtype: {}, methods: { Fp8PerBlockOnlineLinearMethod: 16 } },
  });
  const asked = { precision: online('fp8_per_block', 'fp8') };
  // 5,181,952 - 2,359,296 / 2 = 4,002,304.
  expect(codes({ asked, engine: engine(4_002_304) })).toEqual([]);
  expect(codes({ asked, engine: engine(4_002_305) })).toEqual(['weights-memory']);
});

test('a checkpoint that is quantized is held against its own files', () => {
  const checkpoint = { ...TINY, quantization: method, weight_bytes: 1_700_000 };
  const engine = (bytes: number) => ({
    quantization: 'awq',
    weights: { bytes, by_dtype: {}, methods: { AWQLinearMethod: 16 } },
  });
  // Its 2,359,296 linear parameters save 12 bits each: 3.54 MB, of which half may be missing.
  expect(codes({ asked: { precision: AWQ, checkpoint }, engine: engine(3_400_000) })).toEqual([]);
  expect(codes({ asked: { precision: AWQ, checkpoint }, engine: engine(3_500_000) })).toEqual(['weights-memory']);
});

test('weights that no worker has counted are taken from its log', () => {
  const log = (gib: number) => ({
    ...{ config: null, kv_cache_tokens: null, max_concurrency: null, quantized_layers: null, kernels: [] },
    weights: [{ value: { gib, seconds: 1 }, line: 1 }],
  });
  const asked = { precision: online('mxfp4', 'mxfp4') };
  const engine = { quantization: 'mxfp4', weights: null };
  expect(codes({ asked, engine, measured: { log: log(5_182_016 / 2 ** 30) } })).toEqual(['weights-memory']);
  expect(codes({ asked, engine, measured: { log: log(1_700_000 / 2 ** 30) } })).toEqual([]);
});

test('of two workers the first tells for both, and in a pipeline for none but itself', () => {
  const half = { value: { gib: 5_182_016 / 2 / 2 ** 30, seconds: 1 }, line: 1 };
  const at = (parallel: object, lines: number) =>
    codes({
      asked: { precision: online('mxfp4', 'mxfp4') },
      settings: parallel,
      engine: { quantization: 'mxfp4', weights: null, ...parallel },
      measured: {
        log: {
          ...{ config: null, kv_cache_tokens: null, max_concurrency: null, quantized_layers: null, kernels: [] },
          weights: Array.from({ length: lines }, () => half),
        },
      },
    });
  expect(at({ tensor_parallel_size: 2 }, 1)).toEqual(['weights-memory']);
  expect(at({ tensor_parallel_size: 2 }, 2)).toEqual(['weights-memory']);
  expect(at({ pipeline_parallel_size: 2 }, 2)).toEqual(['weights-memory']);
  expect(at({ pipeline_parallel_size: 2 }, 1)).toEqual([]);
  // Two hosts of four workers each, of which the first of each host tells: some of them.
  expect(at({ tensor_parallel_size: 8 }, 2)).toEqual([]);
});

describe('files of float32 are loaded in 16 bits', () => {
  // 1e9 parameters, half of them in linear layers.
  const size = { ...TINY.size, parameters: 1e9, linear_parameters: 5e8, expert_parameters: 0 } as typeof TINY.size;
  const at = (weight_bytes: number, bytes: number, { config = 'float32', dtype = 'bfloat16' } = {}) =>
    codes({
      asked: { precision: online('mxfp4', 'mxfp4'), checkpoint: { ...TINY, size, dtype: config, weight_bytes } },
      engine: {
        dtype,
        quantization: 'mxfp4',
        weights: { bytes, by_dtype: {}, methods: { Mxfp4OnlineLinearMethod: 9 } },
      },
    });

  test('in BF16 2 GB, in MXFP4 0.5 x 0.5 + 0.5 x 2 = 1.25 GB', () => {
    expect(at(4e9, 2e9)).toEqual(['weights-memory']);
    expect(at(4e9, 1.25e9)).toEqual([]);
  });

  test('config.json may say float32 of files in BF16', () => {
    expect(at(2e9, 1.25e9)).toEqual([]);
    expect(at(2e9, 2e9)).toEqual(['weights-memory']);
  });

  test('many bytes a parameter are no float32 when config.json says BF16: 1.4 GB of a vision tower', () => {
    expect(at(3.4e9, 2.65e9, { config: 'bfloat16' })).toEqual([]);
  });

  test('--dtype float32 keeps what is not quantized in 32 bits: 0.5 x 0.5 + 0.5 x 4 = 2.25 GB', () => {
    expect(at(4e9, 2.25e9, { dtype: 'float32' })).toEqual([]);
  });
});

test.each([
  [['--dtype', 'bfloat16'], []],
  [['--dtype', 'half', '--dtype', 'bfloat16'], []],
  [['--dtype=bfloat16'], []],
  [['--dtype', 'auto'], []],
  [['--dtype', 'half'], ['dtype']],
  [['--dtype=float'], ['dtype']],
])('%j on an engine in bfloat16: %j', (extra_args, found) => {
  expect(codes({ settings: { extra_args } })).toEqual(found);
});

test('a plan that does not know the dtype of a checkpoint asks for none', () => {
  const precision = { ...PLAIN, weights: 'other' } as const;
  expect(codes({ asked: { precision }, engine: { dtype: 'float16' } })).toEqual([]);
  // Of a quantized checkpoint the plan knows how its weights are stored.
  const engine = { dtype: 'float16', quantization: 'x', weights: null };
  expect(codes({ asked: { precision: { ...AWQ, weights: 'bf16' } }, engine })).toEqual([]);
});
