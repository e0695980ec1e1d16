import { expect, test } from 'vitest';
import type { EngineReport } from '../../src/schema/engine.ts';
import type { Precision } from '../../src/schema/precision.ts';
import { attest } from '../../src/summary/attest.ts';
import type { Asked, Measured } from '../../src/summary/check.ts';
import { captured, online, TINY } from '../fixtures/captured.ts';

/** Edges of the checks, on a recorded run that is clean: its engine and what was asked of it are changed together. */
function codes(changes: {
  run?: string;
  asked?: Partial<Asked>;
  settings?: Partial<Asked['engine']>;
  engine?: Partial<EngineReport>;
  measured?: Partial<Measured>;
}): string[] {
  const [first] = captured(changes.run ?? 'reported-plain');
  if (first?.measured.engine == null) throw new Error('no engine report');
  const { asked, measured } = first;
  const engine = { ...measured.engine, ...changes.engine } as EngineReport;
  return attest(
    { ...asked, ...changes.asked, engine: { ...asked.engine, ...changes.settings } },
    { ...measured, engine, ...changes.measured },
  ).map(({ code }) => code);
}

test.each([
  ['org/model', 'org/model', []],
  ['org/model', '/root/.cache/hub/models--org--model/snapshots/abc', []],
  ['org/model', '/data/models/org/model', []],
  ['builtin:tiny', '/tools/models/tiny', []],
  ['./models/a', '/here/models/a', []],
  ['../models/a/', '/models/a', []],
  ['/models/a', '/models/a/', []],
  ['s3://bucket/model', 's3://bucket/other', []],
  ['org/model', 'org/model-FP8', ['model']],
  ['org/model', '/root/.cache/hub/models--org--model-FP8/snapshots/abc', ['model']],
  ['builtin:tiny', '/tools/models/not-tiny', ['model']],
])('asked for %s, the engine runs %s: %j', (model, told, found) => {
  expect(codes({ settings: { model }, engine: { model: told } })).toEqual(found);
});

test('the checkpoint that has the precision is what must run', () => {
  const settings = { model: 'org/a', checkpoint: 'org/a-FP8' };
  expect(codes({ settings, engine: { model: 'org/a-FP8' } })).toEqual([]);
  expect(codes({ settings, engine: { model: 'org/a' } })).toEqual(['model']);
});

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

test.each([
  [['--dtype', 'bfloat16'], []],
  [['--dtype=bfloat16'], []],
  [['--dtype', 'auto'], []],
  [['--dtype', 'half'], ['dtype']],
  [['--dtype=float'], ['dtype']],
])('%j on an engine in bfloat16: %j', (extra_args, found) => {
  expect(codes({ settings: { extra_args } })).toEqual(found);
});

test('the size of a KV cache: of names whose size is not known and at TP 2 nothing is said', () => {
  // 16 bits an element, as the run has it.
  const told = (kv_cache_dtype: string) => ({ settings: { kv_cache_dtype }, engine: { kv_cache_dtype } });
  expect(codes(told('fp8_e5m2'))).toEqual(['kv-cache-size']);
  expect(codes(told('int8_per_token_head'))).toEqual(['kv-cache-size']);
  expect(codes(told('bfloat16'))).toEqual([]);
  expect(codes(told('turboquant'))).toEqual([]);
  const two = told('fp8');
  expect(
    codes({
      settings: { ...two.settings, tensor_parallel_size: 2 },
      engine: { ...two.engine, tensor_parallel_size: 2 },
    }),
  ).toEqual([]);
});

test('room for the prompts that can be there at once; a shared prefix is there once', () => {
  const at = (kv_cache_tokens: number, max_num_seqs: number) =>
    codes({ settings: { max_num_seqs }, engine: { kv_cache_tokens, max_num_seqs } });
  // 16 prompts of 128 tokens, at most 4 or all of them at once.
  expect(at(512, 4)).toEqual([]);
  expect(at(511, 4)).toEqual(['kv-concurrency']);
  expect(at(2048, 4096)).toEqual([]);
  expect(at(2047, 4096)).toEqual(['kv-concurrency']);
  // 16 prompts of 512, of which 384 are shared: 16 x 128 + 384.
  const shared = (kv_cache_tokens: number) =>
    codes({ run: 'reported-prefix', settings: { max_num_seqs: 256 }, engine: { kv_cache_tokens } });
  expect(shared(2432)).toEqual([]);
  expect(shared(2431)).toEqual(['kv-concurrency']);
});

test('one request of 20 may be preempted', () => {
  const [first] = captured('reported-plain');
  const columns = first?.measured.columns;
  if (columns == null) throw new Error('no columns');
  const preempted = (count: number, all: number) =>
    codes({
      measured: { columns: { ...columns, preemptions: Array.from({ length: all }, (_, i) => (i < count ? 3 : 0)) } },
    });
  expect(preempted(1, 20)).toEqual([]);
  expect(preempted(2, 20)).toEqual(['preemptions']);
});
