import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkpointQuantization } from '../../src/environment/checkpoint/quantization.ts';
import { CheckpointQuantization } from '../../src/schema/precision.ts';

function published(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/models', `${name}.json`), 'utf8'));
}

function formats(section: Record<string, unknown>): string {
  const found = checkpointQuantization({ quantization_config: section }, null);
  return `${found?.method} ${found?.weights}/${found?.activations} ${found?.kv_cache} ${found?.source}`;
}

/** A config group as llm-compressor writes it. */
function numbers(num_bits: number, type: string, group_size: number | null = null) {
  return { num_bits, type, group_size, symmetric: true, strategy: group_size === null ? 'channel' : 'group' };
}

function compressed(format: string, weights: object, input_activations: object | null, rest: object = {}) {
  const group_0 = { targets: ['Linear'], weights, input_activations, output_activations: null };
  return formats({
    quant_method: 'compressed-tensors',
    format,
    config_groups: { group_0 },
    ignore: ['lm_head'],
    ...rest,
  });
}

test('a checkpoint that is not quantized', () => {
  expect(checkpointQuantization(published('llama-3.1-8b'), null)).toBeNull();
  expect(checkpointQuantization({ quantization_config: null }, null)).toBeNull();
});

describe('published checkpoints', () => {
  test('DeepSeek-V3: FP8 in blocks', () => {
    expect(checkpointQuantization(published('deepseek-v3'), null)).toEqual({
      method: 'fp8',
      weights: 'fp8',
      activations: 'fp8',
      kv_cache: null,
      source: 'config.json',
      weight_block: [128, 128],
    });
  });

  test('nvidia/Qwen3-32B-NVFP4: only its hf_quant_config.json says so', () => {
    const hfQuantConfig = published('quantization/qwen3-32b-nvfp4.hf_quant_config');
    expect(checkpointQuantization(published('qwen3-32b'), hfQuantConfig)).toEqual({
      method: 'modelopt_fp4',
      weights: 'nvfp4',
      activations: 'nvfp4',
      kv_cache: 'fp8',
      source: 'hf_quant_config.json',
    });
  });

  test('Kimi K2.5: INT4 of its language model, unless hf_quant_config.json says otherwise', () => {
    const config = published('quantization/kimi-k2.5.config');
    expect(checkpointQuantization(config, null)).toMatchObject({ weights: 'int4', activations: null });
    const nvfp4 = published('quantization/qwen3-32b-nvfp4.hf_quant_config');
    expect(checkpointQuantization(config, nvfp4)).toMatchObject({ method: 'modelopt_fp4', weights: 'nvfp4' });
  });
});

describe('compressed-tensors', () => {
  test.each([
    ['float-quantized', numbers(8, 'float'), numbers(8, 'float'), 'fp8/fp8'],
    ['float-quantized', numbers(8, 'float', 128), numbers(8, 'float', 128), 'fp8/fp8'],
    ['naive-quantized', numbers(8, 'float'), null, 'fp8/null'],
    ['int-quantized', numbers(8, 'int'), numbers(8, 'int'), 'int8/int8'],
    ['pack-quantized', numbers(4, 'int', 128), null, 'int4/null'],
    ['pack-quantized', numbers(4, 'int', 128), numbers(8, 'float'), 'int4/fp8'],
    ['pack-quantized', numbers(3, 'int', 128), null, 'other/null'],
    ['nvfp4-pack-quantized', numbers(4, 'float', 16), numbers(4, 'float', 16), 'nvfp4/nvfp4'],
    // W4A16: not FP4 compute.
    ['nvfp4-pack-quantized', numbers(4, 'float', 16), null, 'nvfp4/null'],
    ['mxfp4-pack-quantized', numbers(4, 'float', 32), null, 'mxfp4/null'],
    ['mxfp8-quantized', numbers(8, 'float', 32), numbers(8, 'float', 32), 'mxfp8/mxfp8'],
  ])('%s, weights %j, activations %j', (format, weights, activations, expected) => {
    expect(compressed(format, weights, activations)).toBe(`compressed-tensors ${expected} null config.json`);
  });

  test('the KV cache', () => {
    const kv_cache_scheme = { num_bits: 8, type: 'float', strategy: 'tensor', dynamic: false };
    expect(compressed('float-quantized', numbers(8, 'float'), null, { kv_cache_scheme })).toContain(' fp8 config.json');
  });

  test('groups that differ have no one format', () => {
    const group = (weights: object, input_activations: object | null) => ({
      targets: ['Linear'],
      weights,
      input_activations,
    });
    const config_groups = {
      a: group(numbers(8, 'float'), numbers(8, 'float')),
      b: group(numbers(4, 'float', 16), null),
    };
    expect(formats({ quant_method: 'compressed-tensors', format: 'mixed-precision', config_groups })).toContain(
      'other/other',
    );
  });

  test('no groups', () => {
    expect(formats({ quant_method: 'compressed-tensors' })).toContain('other/null');
    expect(formats({ quant_method: 'compressed-tensors', config_groups: {} })).toContain('other/null');
  });
});

describe('ModelOpt', () => {
  // The method is what vLLM 0.32 makes of quant_algo: LINEAR_ALGOS in its modelopt.py.
  test.each([
    ['FP8', 'modelopt fp8/fp8'],
    ['fp8_pb_wo', 'modelopt fp8/fp8'],
    ['FP8_PER_CHANNEL_PER_TOKEN', 'modelopt fp8/fp8'],
    ['NVFP4', 'modelopt_fp4 nvfp4/nvfp4'],
    ['NVFP4_AWQ', 'modelopt_fp4 nvfp4/nvfp4'],
    ['W4A16_NVFP4', 'modelopt_fp4 nvfp4/null'],
    ['MXFP8', 'modelopt_mxfp8 mxfp8/mxfp8'],
    ['W4A8_AWQ', 'modelopt int4/fp8'],
    ['W4A16_AWQ', 'modelopt int4/null'],
    ['MIXED_PRECISION', 'modelopt_mixed other/null'],
    ['SOMETHING_NEW', 'modelopt other/null'],
  ])('%s: %s', (quant_algo, expected) => {
    expect(formats({ quant_method: 'modelopt', quant_algo })).toBe(`${expected} null config.json`);
    const nested = checkpointQuantization({}, { quantization: { quant_algo, kv_cache_quant_algo: 'FP8' } });
    expect(`${nested?.method} ${nested?.weights}/${nested?.activations}`).toBe(expected);
    expect(nested?.kv_cache).toBe('fp8');
  });

  test('NVFP4 whose groups leave the activations alone', () => {
    const group_0 = { targets: ['Linear'], weights: numbers(4, 'float', 16), input_activations: null };
    expect(formats({ quant_method: 'modelopt', quant_algo: 'NVFP4', config_groups: { group_0 } })).toContain(
      'nvfp4/null',
    );
  });

  test('says nothing of a model whose config.json speaks for itself', () => {
    const config = { quantization_config: { quant_method: 'awq', bits: 4 } };
    expect(checkpointQuantization(config, { quantization: { quant_algo: 'FP8' } })?.method).toBe('awq');
  });
});

describe('other methods', () => {
  test.each([
    [{ quant_method: 'fbgemm_fp8', activation_scale_ub: 1200 }, 'fp8/fp8'],
    [{ quant_method: 'mxfp4', modules_to_not_convert: ['lm_head'] }, 'mxfp4/null'],
    [{ quant_method: 'gptq', bits: 4, group_size: 128 }, 'int4/null'],
    [{ quant_method: 'gptq', bits: 8 }, 'int8/null'],
    [{ quant_method: 'gptq', bits: 3 }, 'other/null'],
    [{ quant_method: 'awq', bits: 4, zero_point: true }, 'int4/null'],
    [{ quant_method: 'awq', w_bit: 4 }, 'int4/null'],
    [{ quant_method: 'auto-round', bits: 4, data_type: 'int' }, 'int4/null'],
    [{ quant_method: 'auto-round', bits: 4, data_type: 'nv_fp' }, 'other/null'],
    [{ quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'nf4' }, 'other/null'],
    [{ quant_method: 'bitsandbytes', load_in_8bit: true }, 'int8/int8'],
    [{ quant_method: 'torchao', quant_type: { default: { _type: 'Int4WeightOnlyConfig' } } }, 'int4/null'],
    [{ quant_method: 'torchao', quant_type: 'float8_dynamic_activation_float8_weight' }, 'fp8/fp8'],
    [{ quant_method: 'torchao', quant_type: 'int8_dynamic_activation_int8_weight' }, 'int8/int8'],
    [{ quant_method: 'torchao' }, 'other/null'],
    [{ quant_method: 'hqq' }, 'other/null'],
    [{}, 'other/null'],
  ])('%j', (section, expected) => {
    expect(formats(section)).toContain(` ${expected} `);
  });

  test('Quark', () => {
    const quark = (weight: object | null, input_tensors: object | null) =>
      formats({ quant_method: 'quark', global_quant_config: { weight, input_tensors } });
    const [fp8, mxfp4] = [
      { dtype: 'fp8_e4m3', qscheme: 'per_tensor' },
      { dtype: 'fp4', qscheme: 'per_group', group_size: 32 },
    ];
    expect(quark(fp8, fp8)).toContain('fp8/fp8');
    expect(quark(mxfp4, mxfp4)).toContain('mxfp4/mxfp4');
    expect(quark(mxfp4, null)).toContain('mxfp4/null');
    expect(quark(null, fp8)).toContain('other/null');
    expect(formats({ quant_method: 'quark' })).toContain('other/null');
  });
});

test('whatever stands there is described or is no quantization', () => {
  const section = fc.dictionary(
    fc.constantFrom(
      'quant_method',
      'quant_algo',
      'config_groups',
      'bits',
      'quantization',
      'global_quant_config',
      'quant_type',
    ),
    fc.oneof(
      fc.constantFrom('fp8', 'modelopt', 'quark', 'torchao', 'compressed-tensors', 'gptq'),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  );
  fc.assert(
    fc.property(fc.jsonValue(), section, fc.boolean(), (other, written, swapped) => {
      const [config, hfQuantConfig] = swapped ? [other, written] : [{ quantization_config: written }, other];
      const found = checkpointQuantization(config, hfQuantConfig);
      if (found !== null) CheckpointQuantization.parse(found);
    }),
    { numRuns: 300 },
  );
});
