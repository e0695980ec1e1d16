import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dominated } from '../../src/plan/dominated.ts';
import type { EngineSettings } from '../../src/schema/engine.ts';
import { FAILURE_CLASSES, type FailureClassId } from '../../src/schema/failure-class.ts';
import type { Launch } from '../../src/schema/plan.ts';
import type { Workload } from '../../src/schema/workload.ts';
import { engineOf, PLAIN, workloadOf } from '../summary/clean.ts';

/** With a max_model_len that the user gave: one that is derived gives way to its points. */
function launchOf(engine: Partial<EngineSettings> = {}, length = 4096, origin: 'given' | 'derived' = 'given'): Launch {
  return {
    ...{ id: 'l', group: 'g', start: 0, name: 'chat_TP-4', engine: engineOf(engine), precision: PLAIN, jobs: [] },
    ...{
      max_model_len: { value: length, origin },
      timeout_seconds: null,
      stall_seconds: 60,
      exclusive: false,
    },
  };
}

type Place = readonly [engine?: Partial<EngineSettings>, length?: number];

/** Whether an engine that did not start for this reason makes the start of another one hopeless. */
function start(id: FailureClassId, failed: Place, asked: Place): boolean {
  const failure = { class: id, launch: launchOf(...failed), workload: null };
  return dominated(failure, { launch: launchOf(...asked), workload: workloadOf() }) !== null;
}

/** Whether one measurement of an engine makes another one of that engine hopeless. */
function measurement(
  id: FailureClassId,
  failed: Partial<Workload>,
  asked: Partial<Workload>,
  place: Place = [],
): boolean {
  const failure = { class: id, launch: launchOf(...place), workload: workloadOf(failed) };
  return dominated(failure, { launch: launchOf(...place), workload: workloadOf(asked) }) !== null;
}

const IDS = Object.keys(FAILURE_CLASSES) as FailureClassId[];
const reaching = IDS.filter((id) => FAILURE_CLASSES[id].reach !== 'none');

test('the reason is a sentence that names where it happened', () => {
  const failure = { class: 'device-memory', launch: launchOf(), workload: null } as const;
  expect(dominated(failure, { launch: launchOf(), workload: workloadOf() })).toBe(
    'the device memory ran out in chat_TP-4, and this point needs as much or more',
  );
});

test('what may pass by itself is certain for no other', () => {
  expect(IDS.filter((id) => FAILURE_CLASSES[id].transient && FAILURE_CLASSES[id].reach !== 'none')).toEqual([]);
});

describe('device memory at the start', () => {
  const failed: Place = [
    { tensor_parallel_size: 4, pipeline_parallel_size: 2, max_num_seqs: 64, gpu_memory_utilization: 0.9 },
  ];
  const asks = (changes: Partial<EngineSettings>, length = 4096) =>
    start('device-memory', failed, [{ ...failed[0], ...changes }, length]);
  test.each<[string, Partial<EngineSettings>, number, boolean]>([
    ['fewer devices hold more each', { tensor_parallel_size: 2 }, 4096, true],
    ['fewer stages', { pipeline_parallel_size: 1 }, 4096, true],
    ['more devices', { tensor_parallel_size: 8 }, 4096, false],
    ['more stages', { pipeline_parallel_size: 4 }, 4096, false],
    ['other devices: 8 as 8 x 1 instead of 4 x 2', { tensor_parallel_size: 8, pipeline_parallel_size: 1 }, 4096, false],
    ['more requests at once', { max_num_seqs: 128 }, 4096, true],
    ['fewer requests at once', { max_num_seqs: 32 }, 4096, false],
    ['as many as vLLM likes', { max_num_seqs: null }, 4096, false],
    ['a longer context', {}, 8192, true],
    ['a shorter one', {}, 4095, false],
    ['a larger share for vLLM', { gpu_memory_utilization: 0.95 }, 4096, true],
    ['a smaller one', { gpu_memory_utilization: 0.8 }, 4096, false],
    ['another precision', { quantization: 'fp8' }, 4096, false],
    ['another KV cache', { kv_cache_dtype: null }, 4096, false],
    ['other flags', { extra_args: ['--enforce-eager'] }, 4096, false],
    ['another environment', { env: { VLLM_USE_V1: '1' } }, 4096, false],
  ])('%s', (_what, changes, length, expected) => {
    expect(asks(changes, length)).toBe(expected);
  });
});

test('a KV cache that is too small is smaller still with a smaller share, and not with a larger one', () => {
  const failed: Place = [{ gpu_memory_utilization: 0.5 }, 16384];
  expect(start('kv-cache-too-small', failed, [{ gpu_memory_utilization: 0.4 }, 16384])).toBe(true);
  expect(start('kv-cache-too-small', failed, [{ gpu_memory_utilization: 0.6 }, 16384])).toBe(false);
  // vLLM said that 8064 tokens would fit (fixtures/vllm/fail-kv-too-small).
  expect(start('kv-cache-too-small', failed, [{ gpu_memory_utilization: 0.5 }, 8064])).toBe(false);
});

test('a max_model_len beyond the model is so on any number of devices', () => {
  const failed: Place = [{ tensor_parallel_size: 1 }, 100_000];
  expect(start('max-model-len', failed, [{ tensor_parallel_size: 8, quantization: 'fp8' }, 100_000])).toBe(true);
  expect(start('max-model-len', failed, [{ tensor_parallel_size: 1 }, 16_384])).toBe(false);
  const overridden = { tensor_parallel_size: 1, extra_args: ['--hf-overrides', '{"max_position_embeddings":100000}'] };
  expect(start('max-model-len', failed, [overridden, 100_000])).toBe(false);
});

test.each(['kv-cache-too-small', 'max-model-len'] as const)(
  '%s: an engine whose length is derived is made shorter, so only what its points need is certain',
  (id) => {
    const derived = launchOf({}, 16384, 'derived');
    const needs = (prompt_len: number, fits: number | null) =>
      dominated(
        { class: id, launch: derived, workload: null, fits },
        { launch: derived, workload: workloadOf({ prompt_len, output_len: 1000 }) },
      ) !== null;
    expect(needs(7064, 8064)).toBe(false);
    expect(needs(7065, 8064)).toBe(true);
    // Where nobody says what fits, as much as was asked for does not.
    expect(needs(15_383, null)).toBe(false);
    expect(needs(15_384, null)).toBe(true);
  },
);

test('heads that a parallel size does not divide: the same sizes, whatever the memory', () => {
  const failed: Place = [{ tensor_parallel_size: 3, max_num_seqs: 64 }];
  expect(start('parallel-size', failed, [{ tensor_parallel_size: 3, max_num_seqs: 8 }, 128])).toBe(true);
  expect(start('parallel-size', failed, [{ tensor_parallel_size: 2 }])).toBe(false);
  expect(start('parallel-size', failed, [{ tensor_parallel_size: 6 }])).toBe(false);
});

test('a flag that vLLM does not know: with any number of devices, and not without the flag', () => {
  const failed: Place = [{ extra_args: ['--no-such-flag', '3'], tensor_parallel_size: 1 }];
  expect(start('wrong-flag', failed, [{ extra_args: ['--no-such-flag', '3'], tensor_parallel_size: 8 }])).toBe(true);
  expect(start('wrong-flag', failed, [{ extra_args: [], tensor_parallel_size: 1 }])).toBe(false);
  // `--quantization fp3`: the value is checked as the flag is.
  expect(start('wrong-flag', failed, [{ ...failed[0], quantization: 'fp8' }])).toBe(false);
});

test('settings that vLLM refuses may be refused for any of them', () => {
  const failed: Place = [{ max_num_seqs: 256 }];
  expect(start('wrong-settings', failed, failed)).toBe(true);
  expect(start('wrong-settings', failed, [{ max_num_seqs: 64 }])).toBe(false);
  expect(start('wrong-settings', failed, [{ max_num_seqs: 256 }, 8192])).toBe(false);
});

test('a model that is not there, and the checkpoint of it that is', () => {
  const failed: Place = [{ model: 'm', tensor_parallel_size: 1 }];
  expect(start('model-not-found', failed, [{ model: 'm', tensor_parallel_size: 8, quantization: 'fp8' }])).toBe(true);
  expect(start('model-not-found', failed, [{ model: 'm', checkpoint: 'm-FP8' }])).toBe(false);
  expect(start('model-gated', failed, [{ model: 'm', env: { HF_TOKEN: 'another' } }])).toBe(false);
});

describe('one measurement', () => {
  const size = { prompt_len: 1000, output_len: 100, num_prompts: 64 };
  test.each<[Partial<Workload>, boolean]>([
    [{}, true],
    [{ prompt_len: 2000 }, true],
    [{ output_len: 99, prompt_len: 2000 }, false],
    [{ num_prompts: 63, prompt_len: 2000 }, false],
    [{ shared_len: 500 }, false],
    [{ warmups: 1 }, false],
    [{ prefix_state: 'cold' }, false],
    [{ num_prefixes: 2 }, false],
  ])('that ran out of memory, then one with %j', (changes, expected) => {
    expect(measurement('device-memory', size, { ...size, ...changes })).toBe(expected);
  });

  test('of another engine, though it needs more, is not known to fail', () => {
    const failure = { class: 'device-memory', launch: launchOf({ max_num_seqs: 64 }), workload: workloadOf() } as const;
    expect(dominated(failure, { launch: launchOf({ max_num_seqs: 128 }), workload: workloadOf() })).toBeNull();
  });

  test('that is too long: longer ones, in an engine that allows no more', () => {
    expect(measurement('point-too-long', size, { ...size, prompt_len: 1001, num_prompts: 1 })).toBe(true);
    expect(measurement('point-too-long', size, { ...size, prompt_len: 999 })).toBe(false);
    const failure = { class: 'point-too-long', launch: launchOf({}, 1000), workload: workloadOf(size) } as const;
    expect(dominated(failure, { launch: launchOf({}, 1200), workload: workloadOf(size) })).toBeNull();
    expect(dominated(failure, { launch: launchOf({}, 900), workload: workloadOf(size) })).not.toBeNull();
  });

  test("of texts, as vLLM's own benchmark makes them, is as long only when it is the same", () => {
    const stock: Place = [{ driver: { kind: 'stock' } }];
    expect(measurement('point-too-long', size, size, stock)).toBe(true);
    expect(measurement('point-too-long', size, { ...size, prompt_len: 1001 }, stock)).toBe(false);
  });
});

describe('laws', () => {
  const few = <T>(...values: T[]) => fc.constantFrom(...values);
  const engines = fc.record({
    model: few('a', 'b'),
    quantization: few(null, 'fp8'),
    tensor_parallel_size: few(1, 2, 4),
    pipeline_parallel_size: few(1, 2),
    max_num_seqs: few(null, 8, 64),
    gpu_memory_utilization: few(0.5, 0.9),
    extra_args: few([], ['--enforce-eager']),
    env: few<Record<string, string>>({}, { A: '1', B: '2' }, { B: '2', A: '1' }),
  });
  const launches = fc.record({ engine: engines, length: few(512, 1024) }).map((it) => launchOf(it.engine, it.length));
  const workloads = fc
    .record({ prompt_len: few(8, 16), output_len: few(1, 2), num_prompts: few(1, 2), shared_len: few(0, 4) })
    .map(workloadOf);
  const candidates = fc.record({ launch: launches, workload: workloads });
  /** `point-too-long` says nothing of an engine that did not start. */
  const failures = fc
    .record({ class: few(...reaching), launch: launches, workload: fc.option(workloads) })
    .filter(({ class: id, workload }) => id !== 'point-too-long' || workload !== null);

  test('the same fails again', () => {
    fc.assert(
      fc.property(failures, workloads, (failure, any) => {
        const { launch, workload } = failure;
        expect(dominated(failure, { launch: structuredClone(launch), workload: workload ?? any })).not.toBeNull();
      }),
    );
  });

  test('never across models', () => {
    fc.assert(
      fc.property(failures, candidates, (failure, candidate) => {
        if (failure.launch.engine.model === candidate.launch.engine.model) return;
        expect(dominated(failure, candidate)).toBeNull();
      }),
    );
  });

  test('nothing follows from a class that reaches nowhere', () => {
    const nowhere = few(...IDS.filter((id) => !reaching.includes(id)));
    fc.assert(
      fc.property(nowhere, launches, workloads, (id, launch, workload) => {
        expect(dominated({ class: id, launch, workload }, { launch, workload })).toBeNull();
      }),
    );
  });

  test('what follows from a start that follows from another, follows from the first', () => {
    const memory = few<FailureClassId>('device-memory', 'kv-cache-too-small');
    const sizes = launches.map(({ engine, max_model_len }) => {
      return launchOf(
        { ...engine, ...{ model: 'a', quantization: null, max_num_seqs: 8, extra_args: [], env: {} } },
        max_model_len.value,
      );
    });
    const workload = workloadOf();
    let followed = 0;
    fc.assert(
      fc.property(memory, sizes, sizes, sizes, (id, first, second, third) => {
        const follows = (failed: Launch, launch: Launch) =>
          dominated({ class: id, launch: failed, workload: null }, { launch, workload }) !== null;
        if (!follows(first, second) || !follows(second, third)) return;
        followed += 1;
        expect(follows(first, third)).toBe(true);
      }),
      { numRuns: 1000 },
    );
    // About 1 of 20 chains is one.
    expect(followed).toBeGreaterThan(0);
  });

  test('a larger measurement of the engine that ran out of memory fails as well', () => {
    fc.assert(
      fc.property(launches, workloads, fc.nat(9), fc.nat(9), fc.nat(9), (launch, workload, prompt, output, prompts) => {
        const { prompt_len, output_len, num_prompts } = workload;
        const larger = {
          ...workload,
          ...{ prompt_len: prompt_len + prompt, output_len: output_len + output, num_prompts: num_prompts + prompts },
        };
        const failure = { class: 'device-memory', launch, workload } as const;
        expect(dominated(failure, { launch, workload: larger })).not.toBeNull();
        if (prompt + output + prompts === 0) return;
        expect(dominated({ ...failure, workload: larger }, { launch, workload })).toBeNull();
      }),
    );
  });
});
