import { expect, test } from 'vitest';
import { parseEngineLogFacts } from '../../parsers/engine-log.ts';
import { linesOf } from '../../parsers/evidence.ts';
import type { EngineReport } from '../../src/schema/engine.ts';
import { ranPrecision } from '../../src/summary/ran-precision.ts';
import { TINY } from '../fixtures/captured.ts';
import { cleanFile, PLAIN } from './clean.ts';

const logOf = (...lines: string[]) => parseEngineLogFacts(linesOf(lines.map((line) => `INFO ${line}`).join('\n')));
const report = (changes: Partial<EngineReport>): EngineReport => ({ ...cleanFile().engine, ...changes });
const holding = (methods: Record<string, number>, changes: Partial<EngineReport> = {}): EngineReport =>
  report({ device_type: 'cuda', weights: { bytes: 2 ** 30, by_dtype: { uint8: 2 ** 30 }, methods }, ...changes });
const QUIET = logOf('[a.py:1] nothing');

test.each([
  // What the workers hold, then what the log names, the label. Class and kernel names are those of vLLM 0.32.
  [{ UnquantizedLinearMethod: 64, UnquantizedFusedMoEMethod: 8 }, [], 'BF16'],
  [{ Mxfp4OnlineLinearMethod: 64 }, ['[i.py:1] Using MarlinMxFp4LinearKernel for MXFP4 GEMM'], 'MXFP4 W4A16'],
  [{ Mxfp4OnlineLinearMethod: 64 }, ['[i.py:1] Using FlashInferMxFp4LinearKernel for MXFP4 GEMM'], 'MXFP4 W4A4'],
  [
    { Mxfp4OnlineLinearMethod: 64 },
    ['[i.py:1] Using EmulationMxfp4LinearKernel for MXFP4 GEMM'],
    'MXFP4 W4A16 (emulated)',
  ],
  [{ Mxfp4OnlineLinearMethod: 64 }, [], 'MXFP4'],
  [{ ModelOptLinearMethod: 64 }, ['[i.py:1] Using CutlassNvFp4LinearKernel for NVFP4 GEMM'], 'NVFP4 W4A4'],
  [{ ModelOptLinearMethod: 64 }, ['[i.py:1] Using B12xNvFp4W4A16LinearKernel for NVFP4 GEMM'], 'NVFP4 W4A16'],
  [
    { GptOssMxfp4MoEMethod: 36, UnquantizedLinearMethod: 72 },
    ["[m.py:1] Using 'MARLIN' Mxfp4 MoE backend."],
    'MXFP4 W4A16',
  ],
  [{ Fp8LinearMethod: 64 }, ['[i.py:1] Selected CutlassFP8ScaledMMLinearKernel for Fp8LinearMethod'], 'FP8 W8A8'],
  [{ Fp8LinearMethod: 64 }, ['Weight-only FP8 compression will be used leveraging the Marlin kernel.'], 'FP8 W8A16'],
  [{ 'CompressedTensorsLinearMethod:CompressedTensorsW8A8Fp8': 64 }, [], 'FP8 W8A8'],
  [{ 'CompressedTensorsLinearMethod:CompressedTensorsW8A8Int8': 64 }, [], 'INT8 W8A8'],
  [{ 'CompressedTensorsLinearMethod:CompressedTensorsWNA16': 64 }, [], 'INT4 W4A16'],
  [{ 'CompressedTensorsLinearMethod:CompressedTensorsW4A4Fp4': 64 }, [], 'NVFP4 W4A4'],
])('%j %j: %s', (methods, lines, label) => {
  expect(ranPrecision(PLAIN, holding(methods), logOf(...lines), null)?.label).toBe(label);
});

test('an attention back end is a kernel, and says nothing of the weights', () => {
  const log = logOf('[cuda.py:1] Using FLASHINFER attention backend out of potential backends: x');
  expect(ranPrecision(PLAIN, holding({ Mxfp4OnlineLinearMethod: 4 }), log, null)).toEqual({
    label: 'MXFP4',
    weights_gib: 1,
    kernels: ['FLASHINFER attention backend'],
    told_by: ['engine report'],
  });
});

test('without workers: a plain engine is plain, a flag alone proves nothing, a TPU runs FP4 weight-only', () => {
  const label = (changes: Partial<EngineReport>, log = QUIET) =>
    ranPrecision(PLAIN, report(changes), log, TINY.size)?.label ?? null;
  expect(label({ quantization: null })).toBe('BF16');
  expect(label({ quantization: 'mxfp4' })).toBeNull();
  expect(label({ quantization: 'nvfp4_per_token' }, logOf('[b.py:1] Quantizing 0 layers of types: '))).toBe('BF16');
  expect(label({ quantization: 'mxfp4', device_type: 'tpu' })).toBe('MXFP4 W4A16');
  expect(ranPrecision(PLAIN, null, QUIET, null)).toBeNull();
  expect(ranPrecision(PLAIN, null, null, null)).toBeNull();
});

test('packed integers have the bits that the checkpoint gives them', () => {
  const precision = { ...PLAIN, by: 'checkpoint', reaches: 'all', weights: 'int8' } as const;
  const methods = { 'CompressedTensorsLinearMethod:CompressedTensorsWNA16': 64 };
  expect(ranPrecision(precision, holding(methods), QUIET, null)?.label).toBe('INT8 W8A16');
});

test('a worker that tells for all: what it holds, times TP', () => {
  const gib = (parallel: Partial<EngineReport>, ...lines: readonly number[]) => {
    const log = logOf(...lines.map((each) => `[g.py:1] Model loading took ${each} GiB memory and 3.2 seconds`));
    return ranPrecision(PLAIN, report({ tensor_parallel_size: 1, pipeline_parallel_size: 1, ...parallel }), log, null)
      ?.weights_gib;
  };
  expect(gib({}, 7.5)).toBe(7.5);
  expect(gib({ tensor_parallel_size: 8 }, 7.5)).toBe(60);
  expect(gib({ tensor_parallel_size: 8 }, 7.5, 7.5)).toBeNull();
  expect(gib({ tensor_parallel_size: 2, pipeline_parallel_size: 2 }, 7, 7, 8, 8)).toBe(30);
  expect(gib({ pipeline_parallel_size: 2 }, 7)).toBeNull();
  expect(gib({}, 7, 7)).toBeNull();
});

test('BF16 of two workers is not FP4, whatever half of it weighs', () => {
  const bytes = TINY.weight_bytes ?? 0;
  const label = (all: number) => {
    const log = logOf(`[g.py:1] Model loading took ${all / 2 / 2 ** 30} GiB memory and 3.2 seconds`);
    return ranPrecision(PLAIN, report({ quantization: 'mxfp4', device_type: 'cuda' }), log, TINY.size)?.label ?? null;
  };
  expect(label(bytes)).toBeNull();
  expect(label(0.3 * bytes)).toBe('MXFP4');
});

test('GiB of all workers, from their logs where they cannot be asked', () => {
  const log = logOf(
    '[g.py:1] Model loading took 7.5 GiB memory and 3.2 seconds',
    '[g.py:1] Model loading took 7.25 GiB memory and 3.2 seconds',
  );
  expect(ranPrecision(PLAIN, report({}), log, null)).toMatchObject({ weights_gib: 14.75 });
});
