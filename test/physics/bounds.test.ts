import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceleratorNamed } from '../../src/physics/accelerators.ts';
import { boundOf, utilizationOf } from '../../src/physics/bounds.ts';
import { kvBytesOverSteps } from '../../src/physics/kv-cache.ts';
import { isNoBound, type PointInput } from '../../src/physics/point.ts';
import type { EngineReport } from '../../src/schema/engine.ts';
import type { DeviceFacts } from '../../src/schema/facts.ts';
import type { ModelSize } from '../../src/schema/model-size.ts';
import { cleanFile, engineOf, workloadOf } from '../summary/clean.ts';
import { secondsFor } from './ideal-engine.ts';
import { BF16, checkpointOf, FP8, LLAMA_70B, PLAIN_1B, W4A16 } from './models.ts';

function devices(name: string, count = 8): DeviceFacts {
  const accelerator = acceleratorNamed(name);
  return { kind: 'cuda', name, count, memory_bytes: null, compute_capability: null, accelerator };
}

interface Changes extends Partial<Omit<PointInput, 'engine' | 'workload' | 'report'>> {
  readonly engine?: Parameters<typeof engineOf>[0];
  readonly workload?: Parameters<typeof workloadOf>[0];
  readonly report?: Partial<EngineReport>;
  readonly size?: ModelSize;
}

function pointOf({ engine, workload, report, size = PLAIN_1B, ...changes }: Changes = {}): PointInput {
  return {
    engine: engineOf({ tensor_parallel_size: 1, kv_cache_dtype: null, max_num_seqs: null, ...engine }),
    workload: workloadOf({ prompt_len: 100, output_len: 200, num_prompts: 10, ...workload }),
    precision: BF16,
    checkpoint: checkpointOf(size),
    devices: devices('NVIDIA B200'),
    report: report === undefined ? null : { ...cleanFile().engine, kv_cache_dtype: 'auto', ...report },
    ...changes,
  };
}

function bound(changes: Changes = {}) {
  const result = boundOf(pointOf(changes));
  if (isNoBound(result)) throw new Error(result.unknown);
  return result;
}

function used(changes: Changes, run: Partial<Parameters<typeof utilizationOf>[1]>, routing: 'expected' | 'fewest') {
  const { workload } = pointOf(changes);
  const asked = {
    requests: workload.num_prompts,
    prompt_tokens: workload.num_prompts * workload.prompt_len,
    output_tokens: workload.num_prompts * workload.output_len,
    cached_tokens: 0,
    cached_each: null,
    elapsed_s: 1,
  };
  const result = utilizationOf(pointOf(changes), { ...asked, ...run }, routing);
  if (isNoBound(result)) throw new Error(result.unknown);
  return result;
}

describe('the decode bound', () => {
  // A step of 10 requests: 1e9 x 2 bytes of weights + 10 x (100 + 200/2) tokens x 1000 x 2 bytes = 2.004e9 bytes;
  // 10 tokens x 8e12 B/s / 2.004e9 B = 39,920 tokens/s.
  test('is batch x bandwidth / (weights + KV cache at the mean context)', () => {
    expect(bound()).toMatchObject({ accelerator: 'NVIDIA B200', devices: 1, chips: 1, batch: 10 });
    expect(bound().decode_tps).toBeCloseTo(39_920.16, 2);
  });

  // 8 GPUs: eight times the bandwidth, and each byte is read once.
  test('grows with tensor_parallel_size, and counts half-chips on Ironwood', () => {
    expect(bound({ engine: { tensor_parallel_size: 8 } }).decode_tps).toBeCloseTo(8 * 39_920.16, 1);
    const ironwood = bound({ engine: { tensor_parallel_size: 8 }, devices: devices('tpu7x-8') });
    expect(ironwood).toMatchObject({ devices: 8, chips: 4 });
    // 4 chips of 7380 GB/s.
    expect(ironwood.decode_tps).toBeCloseTo((10 * 4 * 7380e9) / 2.004e9, 2);
  });

  // A round of a pipeline of 2 stages: (2 x 2e9 + 4e6) bytes at 2 x 8e12 B/s.
  test('reads the weights once a stage of a pipeline', () => {
    expect(bound({ engine: { pipeline_parallel_size: 2 } }).decode_tps).toBeCloseTo((10 * 16e12) / 4.004e9, 2);
  });

  // A request holds 101 to 299 tokens in its 199 decode steps, 200 on the average, and in its prefill perhaps none:
  // a KV cache of 1000 tokens has room for 5 x 200 / 199 requests.
  test('has no larger batch than prompts, max_num_seqs and KV cache allow', () => {
    expect(bound({ engine: { max_num_seqs: 4 } }).batch).toBe(4);
    expect(bound({ report: { max_num_seqs: 3, kv_cache_tokens: null } }).batch).toBe(3);
    expect(bound({ report: { max_num_seqs: 64, kv_cache_tokens: 1000 } }).batch).toBeCloseTo((5 * 200) / 199, 9);
    expect(bound({ engine: { max_num_seqs: 64 } }).batch).toBe(10);
    expect(bound({ report: { max_num_seqs: 64, kv_cache_tokens: 10 } }).batch).toBe(1);
  });

  // 2 x 68,451,041,280 ... in FP8 one byte each; output head and norms (1,050,673,152 + 1,318,912) in two.
  test('of Llama 70B in FP8 on 8 x B200: quantization leaves embeddings and norms alone', () => {
    const { decode_tps } = bound({
      size: LLAMA_70B,
      precision: FP8,
      engine: { tensor_parallel_size: 8 },
      workload: { prompt_len: 1024, output_len: 1024, num_prompts: 256 },
    });
    const weights = 68_451_041_280 + 2 * (1_050_673_152 + 1_318_912);
    const kv = 256 * (1024 + 512) * 163_840 * 2;
    expect(decode_tps).toBeCloseTo((256 * 8 * 8e12) / (weights + kv), 0);
  });

  // 100 tokens of which 80 are shared: 80 once, and (20 + 100) for each of 10 requests.
  test('reads a shared prefix once for all requests, when it is cached', () => {
    const shared = { workload: { shared_len: 80 }, engine: { enable_prefix_caching: true } };
    expect(bound(shared).decode_tps).toBeCloseTo((10 * 8e12) / (2e9 + (80 + 10 * 120) * 2000), 2);
    expect(bound({ workload: { shared_len: 80 } }).decode_tps).toBeCloseTo(39_920.16, 2);
  });

  test('takes the width of the KV cache from the engine, else from what was asked', () => {
    const eight = (10 * 8e12) / (2e9 + 10 * 200 * 1000);
    expect(bound({ engine: { kv_cache_dtype: 'fp8' } }).decode_tps).toBeCloseTo(eight, 2);
    expect(bound({ report: { kv_cache_dtype: 'fp8_e5m2', kv_cache_tokens: null } }).decode_tps).toBeCloseTo(eight, 2);
  });

  // 4 of 8 experts would be met by 2 of 8 routed tokens in one step: 1 - (1 - 2/8)^n of 0.8e9 weights.
  test('of a mixture of experts reads the experts that a batch meets, never more than all', () => {
    const size = { ...PLAIN_1B, expert_parameters: 0.8e9, experts: { total: 8, per_token: 2 } };
    const read = (n: number) => 2 * (0.2e9 + 0.8e9 * (1 - 0.75 ** n));
    const kv = 200 * 2000;
    for (const n of [1, 2, 10]) {
      const { decode_tps } = bound({ size, workload: { num_prompts: n } });
      expect(decode_tps).toBeCloseTo((n * 8e12) / (read(n) + n * kv), 2);
    }
    expect(bound({ size, workload: { num_prompts: 1000 } }).decode_tps).toBeCloseTo(
      (1000 * 8e12) / (2e9 + 1000 * kv),
      0,
    );
  });
});

describe('the prefill bound', () => {
  // 2.25e15 FLOP/s / (2 x 1e9 FLOPs a token).
  test('is peak FLOP/s / FLOPs of a prompt token', () => {
    expect(bound().prefill_tps).toBeCloseTo(2.25e15 / 2e9, 0);
    expect(bound({ precision: FP8 }).prefill_tps).toBeCloseTo(4.5e15 / 2e9, 0);
    expect(bound({ precision: { ...FP8, activations: 'nvfp4' } }).prefill_tps).toBeCloseTo(9e15 / 2e9, 0);
    // What is stored in 4 bits is computed in 16.
    expect(bound({ precision: W4A16 }).prefill_tps).toBeCloseTo(2.25e15 / 2e9, 0);
  });

  // 4 x width x (1 + 2 + ... + 100) FLOPs of attention a prompt, over 100 tokens.
  test('has the FLOPs of attention in it, over half the prompt on the average', () => {
    const size = { ...PLAIN_1B, attention_width: 1e6 };
    expect(bound({ size }).prefill_tps).toBeCloseTo(2.25e15 / (2e9 + (4e6 * 5050) / 100), 0);
  });

  test('does not compute what is cached', () => {
    const warm = { workload: { shared_len: 80 }, engine: { enable_prefix_caching: true } };
    expect(bound(warm).prefill_tps).toBeCloseTo((5 * 2.25e15) / 2e9, -1);
    // Tokens 81 to 100 attend to 81 + ... + 100 = 1810 tokens.
    const size = { ...PLAIN_1B, attention_width: 1e6 };
    const flops = 20 * 2e9 + 4e6 * 1810;
    expect(bound({ ...warm, size }).prefill_tps).toBeCloseTo((100 * 2.25e15) / flops, 0);
  });

  // Its INT8 units do 150 TOP/s, BF16 2250: a kernel that widens is faster.
  test('is not that of units which are slower than BF16', () => {
    const precision = { ...FP8, weights: 'int8' as const, activations: 'int8' as const };
    const b300 = { precision, devices: devices('NVIDIA B300 SXM6 AC') };
    expect(bound(b300).prefill_tps).toBeCloseTo(2.25e15 / 2e9, 0);
    expect(bound({ precision }).prefill_tps).toBeCloseTo(4.5e15 / 2e9, 0);
  });

  // Attention alone, 4e6 FLOPs for each of 5050 pairs: in FP8 where the KV cache is, at 4.5e15 FLOP/s.
  test('computes attention in the width of the KV cache', () => {
    const size = { ...PLAIN_1B, attention_width: 1e6 };
    const linear = (100 * 2e9) / 2.25e15;
    const { prefill_tps } = bound({ size, engine: { kv_cache_dtype: 'fp8' } });
    expect(prefill_tps).toBeCloseTo(100 / (linear + (4e6 * 5050) / 4.5e15), 0);
  });
});

describe('the shares of a run', () => {
  // Section 5.5 of the requirements: 2 x 70.6e9 x 15017.75 tokens/s / (8 x 4.5e15) = 5.9 %.
  test('MFU of the original 70B run on 8 x B200 in FP8', () => {
    const size = { ...PLAIN_1B, parameters: 70.6e9, active_parameters: 70.6e9, linear_parameters: 70.6e9 };
    const workload = { prompt_len: 1024, output_len: 1024, num_prompts: 200 };
    const elapsed_s = (200 * 2048) / 15_017.75;
    const { mfu } = used(
      { size, workload, precision: FP8, engine: { tensor_parallel_size: 8 } },
      { elapsed_s },
      'expected',
    );
    expect(mfu).toBeCloseTo((2 * 70.6e9 * 15_017.75) / (8 * 4.5e15), 4);
    expect(mfu).toBeCloseTo(0.059, 3);
  });

  // 4 prompts of 100 tokens and 50 out: 149 tokens each through the layers, 50 through output head and last norm.
  test('MFU has the output head in it for output tokens only', () => {
    const workload = { prompt_len: 100, output_len: 50, num_prompts: 4 };
    const size = { ...LLAMA_70B, attention_width: 0 };
    const flops = 4 * 2 * (149 * 68_451_041_280 + 50 * (128_256 * 8192 + 161 * 8192));
    expect(used({ size, workload }, { elapsed_s: 1 }, 'expected').mfu).toBeCloseTo(flops / 2.25e15, 9);
  });

  // 10 requests in one batch: 200 steps x 2e9 bytes + 10 x (199 x 100 + 199 x 200 / 2) tokens x 2000 bytes.
  test('MBU is of every step’s weights and every token’s context', () => {
    const bytes = 200 * 2e9 + 10 * (199 * 100 + (199 * 200) / 2) * 2000;
    expect(used({}, { elapsed_s: 0.1 }, 'fewest').mbu).toBeCloseTo(bytes / 8e12 / 0.1, 9);
    // Of 5 requests at once there are twice as many steps.
    const halves = used({ engine: { max_num_seqs: 5 } }, { elapsed_s: 0.1 }, 'fewest').mbu;
    expect(halves).toBeCloseTo((bytes + 200 * 2e9) / 8e12 / 0.1, 9);
  });

  test('cached prompt tokens cost no FLOPs; unknown ones are as many as the workload allows', () => {
    const caching = { workload: { shared_len: 80 }, engine: { enable_prefix_caching: true } };
    const none = used(caching, { cached_tokens: 0 }, 'expected').mfu;
    const some = used(caching, { cached_tokens: 800 }, 'expected').mfu;
    // 10 x (100 + 199) tokens, of which 800 are cached.
    expect(some / none).toBeCloseTo((2990 - 800) / 2990, 9);
    expect(used(caching, { cached_tokens: null }, 'expected').mfu).toBeCloseTo(some, 12);
  });

  test('need tokens and a time', () => {
    const tokens = { prompt_tokens: 1000, output_tokens: 2000, cached_tokens: 0, cached_each: null };
    const run = { requests: 10, ...tokens, elapsed_s: 1 };
    for (const forged of [
      { prompt_tokens: null },
      { output_tokens: null },
      { elapsed_s: 0 },
      { elapsed_s: Number.NaN },
      { elapsed_s: null },
      { requests: 0 },
      { requests: -1 },
      { prompt_tokens: -1000 },
    ])
      expect(utilizationOf(pointOf(), { ...run, ...forged }, 'expected')).toHaveProperty('unknown');
  });

  test('no engine that obeys the limits of its device is above 1, and one of full batches comes near', () => {
    const machine = devices('NVIDIA B200', 1);
    fc.assert(
      fc.property(
        fc.record({
          prompt: fc.integer({ min: 1, max: 400 }),
          outputs: fc.integer({ min: 1, max: 30 }),
          requests: fc.integer({ min: 1, max: 12 }),
          max_num_seqs: fc.integer({ min: 1, max: 12 }),
          slots: fc.integer({ min: 1, max: 12 }),
          linear: fc.integer({ min: 1, max: 1e9 }),
          kv: fc.integer({ min: 1, max: 1e6 }),
          width: fc.integer({ min: 0, max: 1e6 }),
          windowed: fc.option(fc.record({ tokens: fc.integer({ min: 1, max: 300 }), chunked: fc.boolean() })),
        }),
        ({ prompt, outputs, requests, max_num_seqs, slots, linear, kv, width, windowed }) => {
          const size: ModelSize = {
            ...PLAIN_1B,
            ...{ parameters: linear, active_parameters: linear, linear_parameters: linear },
            ...{ kv_elements_per_token: kv, attention_width: width },
            ...(windowed === null ? {} : { windowed: windowedPart(kv, windowed) }),
          };
          const kv_cache_tokens = slots * (prompt + outputs);
          const engine = {
            ...{ size, bytes_per_weight: 2, bytes_per_kv_element: 2, bandwidth: 8e12, flops: 2.25e15 },
            ...{ max_num_seqs, kv_cache_tokens },
          };
          const elapsed_s = secondsFor(engine, prompt, outputs, requests);
          // vLLM tells fewer tokens when there are windows.
          const report = { kv_cache_tokens: windowed === null ? kv_cache_tokens : Math.ceil(kv_cache_tokens / 4) };
          const changes = {
            ...{ size, devices: machine, engine: { max_num_seqs }, report },
            workload: { prompt_len: prompt, output_len: outputs, num_prompts: requests },
          };
          const { mbu, mfu } = used(changes, { elapsed_s }, 'expected');
          expect(mbu).toBeLessThanOrEqual(1 + 1e-9);
          expect(mfu).toBeLessThanOrEqual(1 + 1e-9);
          expect(Math.max(mbu, mfu)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
    // All in one batch, bound by memory: what is lost is the arithmetic of the first step.
    const engine = { size: PLAIN_1B, bytes_per_weight: 2, bytes_per_kv_element: 2, bandwidth: 8e12, flops: 2.25e15 };
    const elapsed_s = secondsFor({ ...engine, max_num_seqs: 10, kv_cache_tokens: 1e9 }, 100, 200, 10);
    expect(used({}, { elapsed_s }, 'fewest').mbu).toBeGreaterThan(0.98);
  });
});

function windowedPart(kv: number, { tokens, chunked }: { readonly tokens: number; readonly chunked: boolean }) {
  return { kv_elements_per_token: Math.ceil(kv / 2), tokens, ...(chunked ? { chunked: true as const } : {}) };
}

test('layers with a window, or with chunks, read no more than that: the sum is that of the tokens of each step', () => {
  const small = { own: fc.nat(50), shared: fc.nat(50), steps: fc.nat(50), window: fc.integer({ min: 1, max: 60 }) };
  fc.assert(
    fc.property(fc.record({ ...small, chunked: fc.boolean() }), ({ own, shared, steps, window, chunked }) => {
      const cache = { bits: 16, full: 3, windowed: 5, window, chunked };
      let sum = 0;
      for (let context = shared + own + 1; context <= shared + own + steps; context++) {
        // The token at `context` (from 1) sees this one and those before it.
        for (let token = shared + 1; token <= context; token++) {
          const together = Math.floor((token - 1) / window) === Math.floor((context - 1) / window);
          sum += 3 + ((chunked ? together : context - token < window) ? 5 : 0);
        }
      }
      expect(kvBytesOverSteps(cache, shared + own, steps, shared)).toBe(sum);
    }),
  );
});

// Three of four layers keep chunks of 8192: after a prompt of 8192 tokens the i-th of 1023 steps sees i tokens there,
// 512 on the average, and 8704 in the others.
test('a decode step of chunked attention reads what is in its chunk', () => {
  const chunks = { kv_elements_per_token: 750, tokens: 8192, chunked: true as const };
  const workload = { prompt_len: 8192, output_len: 1024, num_prompts: 10 };
  const { decode_tps } = bound({ size: { ...PLAIN_1B, windowed: chunks }, workload });
  expect(decode_tps).toBeCloseTo((10 * 8e12) / (2e9 + 10 * 2 * (250 * 8704 + 750 * 512)), 2);
});

describe('what the KV cache holds', () => {
  // Gemma 3 4B: 5 of 34 layers see all, 29 see 1024 tokens; 4096 bytes a token and layer; 12e9 bytes of KV cache.
  const gemma: ModelSize = {
    ...PLAIN_1B,
    kv_elements_per_token: 34 * 2048,
    windowed: { kv_elements_per_token: 29 * 2048, tokens: 1024 },
  };
  const workload = { prompt_len: 8192, output_len: 1024, num_prompts: 400 };
  // vLLM 0.32 takes blocks of 16 tokens in 5 layers, 327,680 bytes: 36,621 of them. It charges a request of 9216 tokens
  // 576 of the full layers and, with 8192 tokens in flight, (1023 + 8192) / 16 + 1 = 577 for each of 6 groups of
  // windowed ones: 36,621 / 4038 x 9216 = 83,580 tokens.
  const report = { max_model_len: 9216, kv_cache_tokens: 83_580, max_num_seqs: null };

  test('of layers with a window is not what vLLM tells: 38 requests fit at once, not 83580 / 8704', () => {
    const held = 4096 * (5 * 9216 + 29 * 1024);
    expect(Math.floor(12e9 / held)).toBe(38);
    expect(bound({ size: gemma, workload, report }).batch).toBeGreaterThan(38);
    const { windowed: _none, ...full } = gemma;
    expect(bound({ size: full, workload, report }).batch).toBeCloseTo((83_580 * 1024) / (1023 * 8704), 9);
  });

  test('a perfect engine that decodes 38 of them at once is not above 1', () => {
    const steps = (400 / 38) * 1024;
    const step = 2e9 + 38 * 4096 * (5 * 8704 + 29 * 1024);
    const l4 = devices('NVIDIA L4', 1);
    const bandwidth = l4.accelerator?.memory_bandwidth_bytes_per_s.value ?? 0;
    const elapsed_s = (steps * step) / bandwidth;
    expect(used({ size: gemma, workload, report, devices: l4 }, { elapsed_s }, 'fewest').mbu).toBeLessThanOrEqual(1);
  });

  // 100 blocks of 16 tokens. A request of max_model_len 17 takes 2: vLLM tells 100 / 2 x 17 = 850 tokens, and 100
  // requests of 14 to 16 tokens have one block each.
  test('is whole blocks, of which vLLM tells what requests of max_model_len use', () => {
    const short = { prompt_len: 13, output_len: 4, num_prompts: 1000 };
    const blocks = { kv_cache_tokens: 850, max_model_len: 17, block_size: 16, max_num_seqs: null };
    expect(bound({ workload: short, report: blocks }).batch).toBeGreaterThanOrEqual(100);
    // (850 / 17 x 32 tokens) / (3/4 x 15)
    expect(bound({ workload: short, report: blocks }).batch).toBeCloseTo(1600 / 11.25, 9);
    // Of an unknown block size the largest, 128: 17 of 128 tokens.
    const unknown = { ...blocks, block_size: null };
    expect(bound({ workload: short, report: unknown }).batch).toBeCloseTo((50 * 128) / 11.25, 9);
    for (const max_model_len of [null, 0, -17])
      expect(bound({ workload: short, report: { ...blocks, max_model_len } }).batch).toBeCloseTo(850 / 11.25, 9);
    expect(bound({ workload: short, report: { ...blocks, block_size: 0 } }).batch).toBeGreaterThan(100);
  });
});

// Attention alone: 4e6 FLOPs for each of 1 + ... + 1000 pairs of a miss, and for 901 + ... + 1000 of a hit.
describe('a cold prefix that half of the requests pay for', () => {
  const size: ModelSize = {
    ...PLAIN_1B,
    ...{ parameters: 1, active_parameters: 1, linear_parameters: 1, attention_width: 1e6 },
  };
  const cold = { prompt_len: 1000, shared_len: 900, output_len: 1, num_prompts: 4, num_prefixes: 2 };
  const changes = {
    size,
    workload: { ...cold, prefix_state: 'cold' as const },
    engine: { enable_prefix_caching: true },
  };
  const [miss, hit] = [(1000 * 1001) / 2, (901 + 1000) * 50];
  const seconds = (4e6 * 2 * (miss + hit)) / 2.25e15;

  test('needs the FLOPs of each request, not those of their mean', () => {
    const run = { cached_tokens: 1800, elapsed_s: seconds };
    expect(used(changes, { ...run, cached_each: [0, 900, 0, 900] }, 'expected').mfu).toBeCloseTo(1, 5);
    // Without columns, or with one unknown, from what the workload allows: 900 or nothing.
    expect(used(changes, run, 'expected').mfu).toBeCloseTo(1, 5);
    expect(used(changes, { ...run, cached_each: [0, 900, null, 900] }, 'expected').mfu).toBeCloseTo(1, 5);
    expect(used(changes, { ...run, cached_tokens: null }, 'expected').mfu).toBeCloseTo(1, 5);
    // All of them half cached, which blocks do not allow here, is 551 + ... of each: 4e6 x 4 x (451 + ... + 1000).
    const half = (4e6 * 4 * (451 + 1000) * 275) / 2.25e15;
    expect(used(changes, { ...run, cached_each: [450, 450, 450, 450] }, 'expected').mfu).toBeCloseTo(half / seconds, 5);
  });

  test('has its bound of them', () => {
    expect(bound(changes).prefill_tps).toBeCloseTo(4000 / seconds, -3);
  });
});

describe('there is no bound, and it says so', () => {
  const unknown = (changes: Changes) => {
    const result = boundOf(pointOf(changes));
    return isNoBound(result) ? result.unknown : null;
  };

  test('without a device that is known', () => {
    expect(unknown({ devices: null })).toBe('no bound: nothing is known of the device');
    expect(unknown({ devices: devices('Intel(R) Xeon(R) Processor') })).toBe(
      'no bound: this device (Intel(R) Xeon(R) Processor) is not in the table; orchestrate hardware shows it',
    );
  });

  test('without a model of known size', () => {
    const message =
      'no bound: the size of builtin:tiny is not known (no config.json at hand, or an unknown architecture)';
    expect(unknown({ checkpoint: null })).toBe(message);
    expect(unknown({ checkpoint: checkpointOf(null) })).toBe(message);
    expect(unknown({ precision: { ...FP8, weights: 'other' } })).toContain('number format of the weights');
    expect(unknown({ engine: { kv_cache_dtype: 'brainfp' } })).toContain('KV cache dtype brainfp');
  });

  test('with flags that make other steps or another model', () => {
    const config = ['--speculative-config', '{"method": "ngram"}'];
    expect(unknown({ engine: { extra_args: config } })).toContain('speculative decoding');
    // Every other spelling of vLLM 0.32, and what argparse completes.
    for (const flag of ['-sc', '-sc={}', '--spec-method', '--spec_model=m', '--spec-tokens', '--specul'])
      expect(unknown({ engine: { extra_args: [flag, 'x'] } })).toContain('speculative decoding');
    expect(unknown({ engine: { extra_args: ['--specialize-active-lora'] } })).toBeNull();
    expect(unknown({ engine: { extra_args: ['--hf_overrides={}'] } })).toContain('--hf-overrides');
    for (const flag of ['--data-parallel-size', '--data_parallel_size=2', '-dp', '--prefill-context-parallel-size'])
      expect(unknown({ engine: { extra_args: [flag, '2'] } })).toContain('more devices');
    expect(unknown({ engine: { extra_args: ['--enforce-eager', '--dtype', 'bfloat16'] } })).toBeNull();
  });
});
