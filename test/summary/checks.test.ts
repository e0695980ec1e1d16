import { expect, test } from 'vitest';
import { codes } from './codes.ts';

test.each([
  ['org/model', 'org/model', []],
  ['org/model', '/root/.cache/hub/models--org--model/snapshots/abc', []],
  ['org/model', '/data/models/org/model', []],
  ['builtin:tiny', '/tools/models/tiny', []],
  ['./models/a', '/here/models/a', []],
  ['../models/a/', '/models/a', []],
  ['/models/a', '/models/a/', []],
  ['s3://bucket/model', 's3://bucket/other', []],
  ['gs://bucket/model', '/root/.cache/vllm/assets/model_streamer/1a2b3c4d', []],
  ['gs://bucket/model', 'facebook/opt-125m', ['model']],
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

test.each([
  // Planned for the first, told the second.
  ['0.32.0', '0.32.0+cpu', []],
  ['0.32.0', 'dev', []],
  ['dev', '0.32.0', []],
  ['0.33.0.dev5+gabc', '0.33.0.dev5+gdef', ['vllm-version']],
  ['0.32.0', '0.31.0', ['vllm-version']],
  [null, '0.31.0', []],
])('planned for vLLM %s, the engine is %s: %j', (vllm_version, told, found) => {
  expect(codes({ asked: { vllm_version }, engine: { vllm_version: told } })).toEqual(found);
});

test.each([
  ['cuda', 'cuda', []],
  ['cuda', 'cuda:0', []],
  ['rocm', 'cuda', []],
  ['tpu', 'tpu', []],
  ['cpu', 'cpu', []],
  // An accelerator that this program does not look for.
  ['cpu', 'xpu', []],
  ['cuda', null, []],
  ['cpu', 'cuda', ['device']],
  ['tpu', 'cpu', ['device']],
] as const)('a host with %s, an engine on %s: %j', (kind, device_type, found) => {
  const devices = { kind, name: 'x', count: 8, memory_bytes: null, compute_capability: null, accelerator: null };
  expect(codes({ asked: { devices }, engine: { device_type } })).toEqual(found);
});

test('DeepSeek V3.2: vLLM calls a KV cache of bfloat16 auto, which is that of a model in bfloat16 only', () => {
  const auto = (kv_cache_dtype: string) => codes({ settings: { kv_cache_dtype }, engine: { kv_cache_dtype: 'auto' } });
  expect(auto('bfloat16')).toEqual([]);
  expect(auto('float16')).toEqual(['kv-cache-dtype']);
});
