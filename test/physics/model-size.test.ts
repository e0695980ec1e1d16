import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelSize } from '../../src/physics/model-size.ts';
import { ModelSize } from '../../src/schema/model-size.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/models');

function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'));
}

function sizeOf(name: string): ModelSize {
  return ModelSize.parse(modelSize(read(name)));
}

function changed(name: string, change: Record<string, unknown>): ModelSize | null {
  return modelSize({ ...read(name), ...change });
}

describe('published totals', () => {
  // Sources: fixtures/models/README.md. Exact ones, and so close that a bias or a norm would be seen.
  test.each([
    ['llama-3.1-8b', 8_030_261_248],
    ['llama-3.2-1b', 1_235_814_400],
    ['llama-3.3-70b', 70_553_706_496],
    ['mistral-7b-v0.3', 7_248_023_552],
    ['qwen2.5-7b', 7_615_616_512],
    ['qwen2.5-vl-7b', 7_615_616_512],
    ['qwen3-8b', 8_190_735_360],
    ['qwen3-32b', 32_762_123_264],
    ['phi-4', 14_659_507_200],
    ['deepseek-v3', 671_026_419_200],
    ['deepseek-v2-lite', 15_706_484_224],
    ['qwen3-vl-235b-a22b', 235_093_634_560],
    ['qwen3-30b-a3b', 30_532_122_624],
    ['gpt-oss-20b', 20_914_757_184],
    ['gpt-oss-120b', 116_829_156_672],
    ['mixtral-8x7b', 46_702_792_704],
    ['mixtral-8x22b', 140_630_071_296],
    ['gemma-3-4b', 3_880_099_328],
    ['gpt2-large', 774_030_080],
  ])('%s: %d', (name, total) => {
    expect(Math.abs(sizeOf(name).parameters / total - 1)).toBeLessThan(0.00001);
  });

  test.each([
    // "1T" is 1.04 T in its report; the rest is what its card rounds away.
    ['kimi-k2', 1.04e12, 0.015],
    // Its layer that predicts a second token is left out here.
    ['glm-4.7', 355e9, 0.01],
    ['glm-4.7-flash', 30e9, 0.0167],
  ])('%s: about %d', (name, total, tolerance) => {
    expect(Math.abs(sizeOf(name).parameters / total - 1)).toBeLessThan(tolerance);
  });
});

describe('published active parameters', () => {
  test.each([
    ['deepseek-v3', 36.6e9, 0.0014],
    ['gpt-oss-20b', 3.61e9, 0.0014],
    ['gpt-oss-120b', 5.13e9, 0.001],
    ['deepseek-v2-lite', 2.4e9, 0.022],
    ['kimi-k2', 32e9, 0.016],
    ['glm-4.7', 32e9, 0.027],
  ])('%s: %d without the embedding', (name, active, tolerance) => {
    expect(Math.abs(sizeOf(name).active_parameters / active - 1)).toBeLessThan(tolerance);
  });

  test.each([
    ['mixtral-8x7b', 12.9e9, 0.004],
    ['mixtral-8x22b', 39e9, 0.013],
    ['qwen3-30b-a3b', 3.3e9, 0.017],
    ['qwen3-vl-235b-a22b', 22e9, 0.023],
  ])('%s: %d with the embedding', (name, active, tolerance) => {
    const { active_parameters, embedding_parameters } = sizeOf(name);
    // Untied everywhere here, so half of the two tables is the input embedding.
    expect(Math.abs((active_parameters + embedding_parameters / 2) / active - 1)).toBeLessThan(tolerance);
  });
});

describe('what a token of context keeps', () => {
  test.each([
    // 2 x layers x KV heads x head size
    ['llama-3.1-8b', 2 * 32 * 8 * 128],
    ['llama-3.2-1b', 2 * 16 * 8 * 64],
    ['qwen3-32b', 2 * 64 * 8 * 128],
    ['gpt2-large', 2 * 36 * 20 * 64],
    // (kv_lora_rank + qk_rope_head_dim) x layers; 70,272 bytes in BF16
    ['deepseek-v3', (512 + 64) * 61],
    ['deepseek-v2-lite', (512 + 64) * 27],
  ])('%s: %d', (name, elements) => {
    expect(sizeOf(name).kv_elements_per_token).toBe(elements);
    expect(sizeOf(name).windowed).toBeUndefined();
  });

  test('latent attention is as wide as its heads are trained', () => {
    // 61 layers x 128 heads x the mean of 128 + 64 (q x k) and 128 (v)
    expect(sizeOf('deepseek-v3').attention_width).toBe(61 * 128 * 160);
  });

  test('layers with a window are told apart', () => {
    // Every sixth of 34 layers sees all: 6, 12, 18, 24, 30; the other 29 see 1024 tokens. 2 x 4 heads x 256 each.
    expect(sizeOf('gemma-3-4b')).toMatchObject({
      kv_elements_per_token: 34 * 2048,
      windowed: { kv_elements_per_token: 29 * 2048, tokens: 1024 },
      attention_width: 5 * 8 * 256,
    });
    // Every other of 36 layers; 2 x 8 heads x 64.
    expect(sizeOf('gpt-oss-120b')).toMatchObject({
      kv_elements_per_token: 36 * 1024,
      windowed: { kv_elements_per_token: 18 * 1024, tokens: 128 },
      attention_width: 18 * 64 * 64,
    });
  });

  test('KV heads, which a latent has none of', () => {
    expect(sizeOf('llama-3.3-70b').kv_heads).toBe(8);
    expect(sizeOf('gpt2-large').kv_heads).toBe(20);
    expect(sizeOf('gpt-oss-120b').kv_heads).toBe(8);
    expect(sizeOf('deepseek-v3')).not.toHaveProperty('kv_heads');
  });

  test('Llama 4 keeps chunks in three of four layers, everybody else windows', () => {
    const llama4 = { model_type: 'llama4_text', attention_chunk_size: 8192, max_position_embeddings: 262_144 };
    const experts = { num_local_experts: 16, num_experts_per_tok: 1, interleave_moe_layer_step: 1 };
    // 48 layers of 2 x 8 heads x 128.
    const layers = { num_hidden_layers: 48, num_attention_heads: 40, num_key_value_heads: 8, head_dim: 128 };
    expect(changed('llama-3.1-8b', { ...llama4, ...experts, ...layers })?.windowed).toEqual({
      kv_elements_per_token: 36 * 2048,
      tokens: 8192,
      chunked: true,
    });
    expect(sizeOf('gemma-3-4b').windowed).not.toHaveProperty('chunked');
  });

  test('a window that is switched off, or as long as the context, is none', () => {
    expect(
      changed('qwen2.5-7b', { use_sliding_window: true, sliding_window: 4096, max_window_layers: 20 }),
    ).toMatchObject({
      windowed: { kv_elements_per_token: 8 * 2 * 4 * 128, tokens: 4096 },
    });
    expect(sizeOf('qwen2.5-7b').windowed).toBeUndefined();
    expect(changed('mistral-7b-v0.3', { sliding_window: 32768 })?.windowed).toBeUndefined();
    expect(changed('mistral-7b-v0.3', { sliding_window: 4096 })?.windowed?.tokens).toBe(4096);
  });
});

describe('kinds of parameters', () => {
  test('a dense model', () => {
    const layer = 4096 * (4096 + 2 * 1024 + 4096) + 3 * 4096 * 14336;
    expect(sizeOf('llama-3.1-8b')).toEqual({
      parameters: 8_030_261_248,
      active_parameters: 8_030_261_248 - 128_256 * 4096,
      embedding_parameters: 2 * 128_256 * 4096,
      linear_parameters: 32 * layer,
      expert_parameters: 0,
      layers: 32,
      kv_heads: 8,
      kv_elements_per_token: 65_536,
      experts: null,
      attention_width: 32 * 4096,
    });
  });

  test('a tied embedding counts once and is multiplied with', () => {
    const { parameters, active_parameters, embedding_parameters } = sizeOf('llama-3.2-1b');
    expect(embedding_parameters).toBe(128_256 * 2048);
    expect(active_parameters).toBe(parameters);
    expect(changed('llama-3.2-1b', { tie_word_embeddings: false })?.parameters).toBe(parameters + 128_256 * 2048);
  });

  test('a mixture of experts', () => {
    expect(sizeOf('mixtral-8x7b')).toMatchObject({
      expert_parameters: 32 * 8 * 3 * 4096 * 14336,
      experts: { total: 8, per_token: 2 },
    });
    // 58 of 61 layers have 256 experts; the shared one of each is no routed expert.
    expect(sizeOf('deepseek-v3')).toMatchObject({
      expert_parameters: 58 * 256 * 3 * 7168 * 2048,
      experts: { total: 256, per_token: 8 },
    });
    expect(changed('deepseek-v3', { moe_layer_freq: 2 })?.expert_parameters).toBe(29 * 256 * 3 * 7168 * 2048);
  });
});

describe('counts by torch', () => {
  const { models } = read('small/counted') as { models: { config: { model_type: string }; parameters: number }[] };

  test.each(models.map((model) => [model.config.model_type, model] as const))('%s', (_, { config, parameters }) => {
    expect(modelSize(config)?.parameters).toBe(parameters);
  });
});

describe('what is not known has no size', () => {
  test.each([
    ['another architecture', { model_type: 'mamba' }],
    ['DeepSeek-V3.2, which has an indexer besides', { model_type: 'deepseek_v32' }],
    ['a name that every object has', { model_type: 'constructor' }],
    ['a model that writes no text', { architectures: ['LlamaForSequenceClassification'] }],
    ['no number of layers', { num_hidden_layers: undefined }],
    ['layers in words', { num_hidden_layers: '32' }],
    ['negative width', { hidden_size: -4096 }],
    ['heads that do not divide the width', { num_attention_heads: 33, hidden_size: 4097 }],
    ['more layers than can be', { num_hidden_layers: 1e9 }],
    ['a width that numbers cannot hold', { hidden_size: 2 ** 52 }],
  ])('%s', (_, change) => {
    expect(changed('llama-3.1-8b', change)).toBeNull();
  });

  test('OPT-350m, which has another shape', () => {
    const opt = { model_type: 'opt', vocab_size: 50272, hidden_size: 1024, ffn_dim: 4096, num_hidden_layers: 24 };
    const rest = { num_attention_heads: 16, max_position_embeddings: 2048 };
    expect(modelSize({ ...opt, ...rest })).not.toBeNull();
    expect(modelSize({ ...opt, ...rest, word_embed_proj_dim: 512 })).toBeNull();
    expect(modelSize({ ...opt, ...rest, do_layer_norm_before: false })).toBeNull();
  });
});

test('any change of any config.json gives a size that is whole, or none', () => {
  const names = ['llama-3.1-8b', 'deepseek-v3', 'gpt-oss-20b', 'gemma-3-4b', 'qwen3-30b-a3b', 'gpt2-large'];
  const value = fc.oneof(
    fc.integer({ min: -2, max: 300 }),
    fc.constant(null),
    fc.boolean(),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), value, (name, place, written) => {
      const config = read(name);
      const target = (config['text_config'] ?? config) as Record<string, unknown>;
      const keys = Object.keys(target);
      target[keys[place % keys.length] ?? ''] = written;
      const size = modelSize(config);
      if (size === null) return;
      ModelSize.parse(size);
      expect(size.active_parameters).toBeLessThanOrEqual(size.parameters);
      expect(size.embedding_parameters + size.linear_parameters).toBeLessThanOrEqual(size.parameters);
      expect(size.expert_parameters).toBeLessThanOrEqual(size.linear_parameters);
    }),
    { numRuns: 200 },
  );
});
