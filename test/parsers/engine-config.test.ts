import { expect, test } from 'vitest';
import { engineConfigIn } from '../../parsers/engine-config.ts';
import { fixtureStreams } from '../fixtures/vllm.ts';

const read = (text: string) => engineConfigIn({ text, number: 1 });

test('what real vLLM 0.32 logs', () => {
  const found = [...fixtureStreams('tp2-bind').stdout].flatMap((line) => engineConfigIn(line) ?? []);
  expect(found).toEqual([
    {
      vllm_version: '0.32.0',
      device_type: 'cpu',
      model: './tiny',
      dtype: 'bfloat16',
      quantization: null,
      kv_cache_dtype: 'auto',
      tensor_parallel_size: 2,
      pipeline_parallel_size: 1,
      max_model_len: 4096,
      enable_prefix_caching: true,
      enforce_eager: true,
    },
  ]);
});

test('an older form: another order, and what is not in it is null', () => {
  const line =
    "INFO 04-28 [core.py:58] Initializing a V1 LLM engine (v0.8.5) with config: model='org/a', dtype=torch.float16, " +
    'max_seq_len=2048, tensor_parallel_size=8, quantization=fp8, kv_cache_dtype=fp8_e4m3, served_model_name=org/b, ' +
    'use_async_output_proc=True, enable_prefix_caching=False';
  expect(read(line)).toMatchObject({
    ...{ vllm_version: '0.8.5', model: 'org/a', dtype: 'float16', max_model_len: 2048, tensor_parallel_size: 8 },
    ...{ quantization: 'fp8', kv_cache_dtype: 'fp8_e4m3', enable_prefix_caching: false },
    ...{ device_type: null, pipeline_parallel_size: null, enforce_eager: null },
  });
});

test.each([
  'Initializing a V1 LLM engine (v0.32.0) with config: model=1',
  '[core.py:1] Initializing a V1 LLM engine with config: model=1',
  'Initializing a',
])('%s is no such line', (text) => {
  expect(read(text)).toBeNull();
});

test('numbers that are none are null', () => {
  const line =
    '[a.py:1] Initializing a V1 LLM engine (v1) with config: model=x, max_seq_len=nan, tensor_parallel_size=1e309';
  expect(read(line)).toMatchObject({ max_model_len: null, tensor_parallel_size: null });
});
