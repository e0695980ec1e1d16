import { describe, expect, test } from 'vitest';
import type { EngineReport, EngineSettings } from '../../src/schema/engine.ts';
import type { ModelSize } from '../../src/schema/model-size.ts';
import type { Workload } from '../../src/schema/workload.ts';
import { KV_CACHE_CHECKS } from '../../src/summary/checks/kv-cache.ts';
import { measuredOf } from '../../src/summary/sample.ts';
import { checkpointOf, PLAIN_1B } from '../physics/models.ts';
import { askedOf, cleanFile } from './clean.ts';

interface Changes {
  readonly size?: ModelSize | null;
  readonly workload?: Partial<Workload>;
  readonly settings?: Partial<EngineSettings>;
  readonly engine?: Partial<EngineReport>;
}

/** What these checks alone say of a measurement that is as it was asked for. */
function said({ size = PLAIN_1B, workload, settings, engine }: Changes): string[] {
  const asked = { ...askedOf(workload, settings), checkpoint: checkpointOf(size) };
  const file = cleanFile(asked);
  const measured = measuredOf({ ...file, engine: { ...file.engine, ...engine } }, null, null);
  return KV_CACHE_CHECKS.flatMap(({ wrong }) => wrong(asked, measured) ?? []);
}

describe('room for max_num_seqs requests', () => {
  // Gemma 3 4B with 12e9 bytes of KV cache: vLLM 0.32 tells 83,580 tokens, and 38 requests of 9216 tokens fit.
  const windowed = { kv_elements_per_token: 29 * 2048, tokens: 1024 };
  const gemma: ModelSize = { ...PLAIN_1B, kv_elements_per_token: 34 * 2048, windowed };
  const changes = {
    workload: { prompt_len: 8192, output_len: 1024, num_prompts: 400 },
    settings: { max_num_seqs: 32 },
    engine: { kv_cache_tokens: 83_580, max_model_len: 9216 },
  };

  test('is not what vLLM tells of a model with windows, or of one that may have some', () => {
    expect(said({ ...changes, size: gemma })).toEqual([]);
    expect(said({ ...changes, size: null })).toEqual([]);
    const { windowed: _none, ...full } = gemma;
    expect(said({ ...changes, size: full })).toEqual([
      'the KV cache holds 83580 tokens; the prompts of 32 requests at once have 262144',
    ]);
  });

  // 512 blocks of 16 hold 64 prompts of 128 tokens. With one token out, which is never stored, max_model_len is 129, 9
  // blocks: vLLM tells 512 / 9 x 129 = 7338 tokens, fewer than 64 x 128 = 8192.
  test('is whole blocks, more than requests of max_model_len fill', () => {
    const workload = { prompt_len: 128, output_len: 1, num_prompts: 100 };
    const blocks = (count: number) => ({
      ...{ workload, settings: { max_num_seqs: 64 } },
      engine: { max_model_len: 129, block_size: 16, kv_cache_tokens: Math.floor((count / 9) * 129) },
    });
    expect(said(blocks(512))).toEqual([]);
    expect(said(blocks(511))).toHaveLength(1);
  });
});

describe('bits of an element', () => {
  // A CPU with blocks of 128: 100 of them, of 1000 elements a token. A request of max_model_len 160 takes two, so vLLM
  // tells 100 / 2 x 160 = 8000 tokens.
  const cpu = { block_size: 128, max_model_len: 160, kv_cache_tokens: 8000 };

  test('are of whole blocks', () => {
    expect(said({ engine: { ...cpu, kv_cache_bytes: 100 * 128 * 1000 } })).toEqual([]);
    expect(said({ settings: ONE, engine: { ...cpu, kv_cache_bytes: 100 * 128 * 1000 } })).toEqual([]);
    expect(said({ settings: ONE, engine: { ...cpu, kv_cache_bytes: 2 * 100 * 128 * 1000 } })).toEqual([
      'the KV cache has 16.0 bits an element; fp8 has 8',
    ]);
  });

  // 131,072 tokens of 1000 elements, in 8 bits although 4.5 were asked for; `copies`: how often a KV head is kept.
  const nvfp4 = (tensor_parallel_size: number, copies: number) => ({
    settings: { kv_cache_dtype: 'nvfp4', tensor_parallel_size },
    engine: { kv_cache_dtype: 'nvfp4', kv_cache_bytes: copies * 131_072 * 1000 },
  });

  test('are known wherever no KV head is kept twice', () => {
    const size = { ...PLAIN_1B, kv_heads: 8 };
    const message = 'the KV cache has 8.0 bits an element; nvfp4 has 4.5';
    for (const devices of [1, 2, 8]) expect(said({ size, ...nvfp4(devices, 1) })).toEqual([message]);
    expect(said({ size, ...nvfp4(16, 2) })).toEqual([]);
    expect(said({ size: { ...size, kv_heads: 2 }, ...nvfp4(8, 4) })).toEqual([]);
    // Every device keeps the latent of MLA.
    expect(said({ ...nvfp4(8, 8) })).toEqual([]);
    expect(said({ ...nvfp4(1, 1) })).toEqual([message]);
  });

  test('are not known of a model with windows, where tokens are another unit', () => {
    const windowed = { kv_elements_per_token: 500, tokens: 1024 };
    expect(said({ size: { ...PLAIN_1B, windowed }, ...nvfp4(1, 1) })).toEqual([]);
  });
});

const ONE = { tensor_parallel_size: 1 };
