import { expect, test } from 'vitest';
import { computingVariables } from '../../src/environment/record.ts';
import { identity } from '../../src/plan/identity.ts';
import type { EngineSettings } from '../../src/schema/engine.ts';
import type { Facts } from '../../src/schema/facts.ts';

const ENGINE: EngineSettings = {
  ...{
    model: 'm',
    checkpoint: null,
    quantization: null,
    kv_cache_dtype: null,
    tensor_parallel_size: 1,
    pipeline_parallel_size: 1,
  },
  ...{ max_num_seqs: null, gpu_memory_utilization: 0.9, enable_prefix_caching: false, max_model_len: null },
  ...{ extra_args: [], env: {}, driver: { kind: 'resident' } },
};

function identityIn(env: Record<string, string>): string {
  const facts: Facts = { capabilities: null, checkpoints: [], devices: null, variables: computingVariables(env) };
  return identity('vllm_throughput', ENGINE, facts);
}

test.each([
  'VLLM_ATTENTION_BACKEND',
  'VLLM_MULTI_STREAM_GEMM_TOKEN_THRESHOLD',
  'OMP_NUM_THREADS',
  'NCCL_ALGO',
  'LD_PRELOAD',
])('%s of the surroundings makes another job', (name) => {
  expect(identityIn({ [name]: '1' })).not.toBe(identityIn({ [name]: '2' }));
  expect(identityIn({ [name]: '1' })).not.toBe(identityIn({}));
});

test.each([
  'VLLM_CACHE_ROOT',
  'VLLM_LOGGING_LEVEL',
  'VLLM_NO_USAGE_STATS',
  'CUDA_VISIBLE_DEVICES',
  'HF_TOKEN',
  'HOME',
  'PATH',
])('%s does not: it says where things are kept, told or counted', (name) => {
  expect(identityIn({ [name]: '1' })).toBe(identityIn({}));
});
