import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acceleratorNamed } from '../../src/physics/accelerators.ts';
import { type MemoryInput, memoryProblem } from '../../src/physics/memory.ts';
import type { DeviceFacts } from '../../src/schema/facts.ts';
import { engineOf, workloadOf } from '../summary/clean.ts';
import { BF16, checkpointOf, FP8, LLAMA_70B, PLAIN_1B } from './models.ts';

const H100: DeviceFacts = {
  kind: 'cuda',
  name: 'NVIDIA H100 80GB HBM3',
  count: 8,
  memory_bytes: 81_559 * 2 ** 20,
  compute_capability: '9.0',
  accelerator: acceleratorNamed('NVIDIA H100 80GB HBM3'),
};

function problem(changes: Partial<MemoryInput> = {}, engine: Parameters<typeof engineOf>[0] = {}): string | null {
  return memoryProblem({
    engine: engineOf({ tensor_parallel_size: 1, kv_cache_dtype: null, ...engine }),
    workload: workloadOf({ prompt_len: 1024, output_len: 1024 }),
    precision: BF16,
    checkpoint: checkpointOf(LLAMA_70B),
    devices: H100,
    ...changes,
  });
}

// 70,553,706,496 x 2 bytes = 131.4 GiB; KV cache 163,840 x 2 bytes x 2048 tokens = 0.625 GiB;
// 0.9 x 81,559 MiB = 71.7 GiB.
test('70B in BF16 does not fit one H100, and fits two', () => {
  expect(problem()).toBe(
    'needs at least 131 GiB of weights and 0.6 GiB of KV cache for one request on a device, which has 71.7 GiB for them ' +
      '(gpu_memory_utilization 0.9 of 79.6 GiB each); tensor_parallel_size 2 would do',
  );
  expect(problem({}, { tensor_parallel_size: 2 })).toBeNull();
  expect(problem({}, { pipeline_parallel_size: 2 })).toBeNull();
});

// 68,451,041,280 + 2 x 2,102,665,216 bytes = 67.7 GiB.
test('70B in FP8 fits one: embeddings and norms stay in 16 bits', () => {
  expect(problem({ precision: FP8 })).toBeNull();
  // 0.85 x 79.6 = 67.7 GiB: not with the KV cache.
  expect(problem({ precision: FP8 }, { gpu_memory_utilization: 0.85 })).toContain('67.7 GiB of weights');
});

// 2 x 327,680 bytes x 65,536 tokens = 20 GiB of KV cache, half of it in FP8.
test('a context that is too long for what the weights leave', () => {
  const long = { workload: workloadOf({ prompt_len: 60_000, output_len: 5536 }), precision: FP8 };
  expect(problem(long)).toContain('67.7 GiB of weights and 20.0 GiB of KV cache');
  expect(problem(long, { kv_cache_dtype: 'fp8' })).toContain('10.0 GiB of KV cache');
  expect(problem(long, { max_model_len: 131_072 })).toContain('40.0 GiB of KV cache');
});

// 6 x 131.4 GiB / 71.7 GiB = 11 devices: the next divisor of 64 heads is 16, more than the 8 that are here.
test('the smallest TP that would do divides the heads, and may need more devices than there are', () => {
  const size = {
    ...LLAMA_70B,
    parameters: 6 * LLAMA_70B.parameters,
    linear_parameters: LLAMA_70B.linear_parameters + 5 * LLAMA_70B.parameters,
  };
  const message = problem({ checkpoint: checkpointOf(size) }, { tensor_parallel_size: 8 });
  expect(message).toContain('on 8 devices, which have 573 GiB for them');
  expect(message).toContain('tensor_parallel_size 16 would do (16 devices; there are 8)');
  // 788 GiB / 2 stages / 71.7 GiB = 5.5 devices a stage.
  expect(problem({ checkpoint: checkpointOf(size) }, { tensor_parallel_size: 4, pipeline_parallel_size: 2 })).toContain(
    'tensor_parallel_size 8 would do (16 devices; there are 8)',
  );
  const few = checkpointOf(size, { num_attention_heads: 8 });
  expect(problem({ checkpoint: few }, { tensor_parallel_size: 8 })).toContain('no tensor_parallel_size would do');
  const unknown = checkpointOf(size, { num_attention_heads: null });
  expect(problem({ checkpoint: unknown }, { tensor_parallel_size: 8 })).toContain('tensor_parallel_size 16 would do');
});

test('weights against the memory of a CPU host, whatever the TP', () => {
  const host: DeviceFacts = { ...H100, kind: 'cpu', name: 'Xeon', memory_bytes: 15.6 * 2 ** 30, accelerator: null };
  expect(problem({ devices: host }, { tensor_parallel_size: 8 })).toBe(
    'needs 131 GiB of weights and 0.6 GiB of KV cache for one request; this host has 15.6 GiB of memory',
  );
  expect(problem({ devices: host, checkpoint: checkpointOf(PLAIN_1B) })).toBeNull();
});

test('what is not known is held against nobody', () => {
  expect(problem({ devices: null })).toBeNull();
  expect(problem({ checkpoint: null })).toBeNull();
  expect(problem({ checkpoint: checkpointOf(null) })).toBeNull();
  expect(problem({ devices: { ...H100, memory_bytes: null, accelerator: null } })).toBeNull();
  expect(problem({ precision: { ...FP8, weights: 'other' } })).toBeNull();
  // The table knows the memory that a driver does not tell.
  expect(problem({ devices: { ...H100, memory_bytes: null } })).toContain('tensor_parallel_size 2 would do');
});

test('a user who moves weights elsewhere, or makes another model, is believed', () => {
  for (const extra_args of [['--cpu-offload-gb', '80'], ['--cpu_offload_gb=80'], ['--hf-overrides', '{}']])
    expect(problem({}, { extra_args })).toBeNull();
  // With the size of the KV cache given, vLLM looks at no share of the memory.
  expect(problem({ precision: FP8 }, { gpu_memory_utilization: 0.1 })).not.toBeNull();
  const extra_args = ['--kv-cache-memory-bytes', '1000000000'];
  expect(problem({ precision: FP8 }, { gpu_memory_utilization: 0.1, extra_args })).toBeNull();
});

test('files that are smaller than was counted are believed', () => {
  const precision = { ...FP8, by: 'checkpoint' as const, weights: 'other' as const };
  const stored = (gib: number) => checkpointOf(LLAMA_70B, { weight_bytes: gib * 2 ** 30 });
  expect(problem({ precision, checkpoint: stored(40) })).toBeNull();
  expect(problem({ precision, checkpoint: stored(80) })).toContain('80.0 GiB of weights');
});

test('what fits still fits with twice the devices, more memory or fewer bits', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4, 8),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      (tensor_parallel_size, gib, prompt_len, gpu_memory_utilization) => {
        const devices = { ...H100, memory_bytes: gib * 2 ** 30 };
        const workload = workloadOf({ prompt_len, output_len: 16 });
        const engine = { tensor_parallel_size, gpu_memory_utilization };
        if (problem({ devices, workload }, engine) !== null) return;
        expect(
          problem({ devices, workload }, { ...engine, tensor_parallel_size: 2 * tensor_parallel_size }),
        ).toBeNull();
        expect(problem({ devices: { ...devices, memory_bytes: 2 * gib * 2 ** 30 }, workload }, engine)).toBeNull();
        expect(problem({ devices, workload, precision: FP8 }, { ...engine, kv_cache_dtype: 'fp8' })).toBeNull();
      },
    ),
  );
});

test('however many heads a config.json speaks of, an answer comes at once', () => {
  const checkpoint = { ...checkpointOf(LLAMA_70B), num_attention_heads: 2 ** 40 };
  expect(problem({ checkpoint })).toContain('tensor_parallel_size 2 would do');
});

test.each([
  ['--prefill-context-parallel-size', '2'],
  ['-pcp', '2'],
])('more workers than TP x PP may each hold a smaller part: nothing is said of %s', (...extra_args) => {
  expect(problem({}, { extra_args })).toBeNull();
});
