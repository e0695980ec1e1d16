import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAboutTokenizer, isAboutWeights } from '../../src/environment/checkpoint/problem.ts';
import { checkpointFacts } from '../../src/environment/checkpoint.ts';
import {
  type Shapes,
  SMALL_MODELS,
  smallModel,
  writeCheckpoint,
  writeSafetensors,
  writeShards,
} from './checkpoint-files.ts';

const LLAMA = smallModel('llama');

function factsOf(directory: string) {
  return checkpointFacts(directory, { cwd: '/', env: {}, builtin: () => null });
}

function without(shapes: Shapes, ...names: readonly string[]): Shapes {
  return Object.fromEntries(Object.entries(shapes).filter(([name]) => !names.includes(name)));
}

function renamed(shapes: Shapes, rename: (name: string) => string): Shapes {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [rename(name), shape]));
}

describe('a sound checkpoint', () => {
  test.each(SMALL_MODELS.map((model) => [model.config.model_type, model] as const))('%s', (_, model) => {
    const facts = factsOf(writeCheckpoint(model.config, model.tensors));
    expect(facts.problems).toEqual([]);
    expect(facts.weight_bytes).toBe(2 * model.parameters);
    expect(facts.size?.parameters).toBe(model.parameters);
  });

  test('in shards', () => {
    const directory = writeCheckpoint(LLAMA.config, null);
    writeShards(directory, LLAMA.tensors, 7);
    expect(factsOf(directory)).toMatchObject({ problems: [], weight_bytes: 2 * LLAMA.parameters });
  });

  test('of GPT-2 as it was published: without a prefix, and with its mask', () => {
    const { config, tensors, parameters } = smallModel('gpt2');
    const published = renamed(tensors, (name) => name.replace(/^transformer\./, ''));
    const facts = factsOf(writeCheckpoint(config, { ...published, 'h.0.attn.bias': [1, 1, 256, 256] }));
    expect(facts).toMatchObject({ problems: [], size: { parameters } });
  });

  test('with layers that predict further tokens', () => {
    const { config, tensors, parameters } = smallModel('deepseek_v3');
    const further = renamed(tensors, (name) => name.replace('.layers.2.', '.layers.3.'));
    expect(factsOf(writeCheckpoint(config, { ...tensors, ...further }))).toMatchObject({
      problems: [],
      size: { parameters },
    });
  });

  test('whose index leaves out a second copy', () => {
    const directory = writeCheckpoint(LLAMA.config, null);
    writeShards(directory, LLAMA.tensors, 2);
    writeSafetensors(join(directory, 'consolidated.safetensors'), LLAMA.tensors);
    expect(factsOf(directory)).toMatchObject({ problems: [], weight_bytes: 2 * LLAMA.parameters });
  });

  test('of one that also sees', () => {
    const { config, tensors } = smallModel('gemma3_text');
    const language = renamed(tensors, (name) => `language_model.${name}`);
    const tower = { 'vision_tower.vision_model.encoder.layers.0.self_attn.q_proj.weight': [64, 64] };
    const whole = { architectures: ['Gemma3ForConditionalGeneration'], model_type: 'gemma3', text_config: config };
    expect(factsOf(writeCheckpoint(whole, { ...language, ...tower }))).toMatchObject({ problems: [] });
    const gap = without(language, 'language_model.model.layers.0.self_attn.q_proj.weight');
    expect(factsOf(writeCheckpoint(whole, { ...gap, ...tower })).problems).toHaveLength(1);
  });

  test('with q, k and v as one, and gate and up', () => {
    const { config, tensors } = smallModel('qwen3');
    const fused = renamed(tensors, (name) => name.replace('q_proj', 'qkv_proj').replace('gate_proj', 'gate_up_proj'));
    const gone = Object.keys(fused).filter((name) => /\.(?:k_proj|v_proj|up_proj)\./.test(name));
    expect(factsOf(writeCheckpoint(config, without(fused, ...gone))).problems).toEqual([]);
  });

  test('with its experts in one tensor', () => {
    const { config, tensors } = smallModel('qwen3_moe');
    const rest = without(tensors, ...Object.keys(tensors).filter((name) => name.includes('.experts.')));
    const experts = {
      'model.layers.1.mlp.experts.gate_up_proj': [5, 48, 40],
      'model.layers.1.mlp.experts.down_proj': [5, 20, 48],
    };
    expect(factsOf(writeCheckpoint(config, { ...rest, ...experts })).problems).toEqual([]);
    expect(factsOf(writeCheckpoint(config, rest)).problems).not.toEqual([]);
  });

  test('with latent projections as one, and those of Phi-3 apart', () => {
    const { config, tensors } = smallModel('glm4_moe_lite');
    const fused = renamed(tensors, (name) => name.replace('q_a_proj', 'fused_qkv_a_proj'));
    const gone = Object.keys(fused).filter((name) => name.includes('kv_a_proj_with_mqa'));
    expect(factsOf(writeCheckpoint(config, without(fused, ...gone))).problems).toEqual([]);
    const phi = smallModel('phi3');
    const apart = renamed(phi.tensors, (name) =>
      name.replace('qkv_proj', 'q_proj').replace('gate_up_proj', 'gate_proj'),
    );
    expect(factsOf(writeCheckpoint(phi.config, apart)).problems).toEqual([]);
  });

  test('of gpt-oss in MXFP4, and taken apart', () => {
    const { config, tensors } = smallModel('gpt_oss');
    const isExpert = (name: string) => /experts\.(?:gate_up|down)_proj$/.test(name);
    const blocks = renamed(tensors, (name) => (isExpert(name) ? `${name}_blocks` : name));
    const scales = renamed(tensors, (name) => (isExpert(name) ? `${name}_scales` : name));
    const apart = renamed(tensors, (name) =>
      isExpert(name) ? name.replace(/experts\.(.*)/, 'experts.0.$1.qweight') : name,
    );
    const mxfp4 = { ...config, quantization_config: { quant_method: 'mxfp4' } };
    expect(factsOf(writeCheckpoint(mxfp4, { ...blocks, ...scales })).problems).toEqual([]);
    expect(factsOf(writeCheckpoint(mxfp4, scales)).problems).toHaveLength(5);
    expect(factsOf(writeCheckpoint(mxfp4, apart)).problems).toEqual([]);
  });

  test.each(['qweight', 'weight_packed', 'codes'])('quantized, with its weights in %s', (leaf) => {
    const packed = renamed(LLAMA.tensors, (name) => name.replace(/_proj\.weight$/, `_proj.${leaf}`));
    const scales = Object.fromEntries(Object.keys(packed).map((name) => [`${name}_scale`, [1]]));
    const quantized = { ...LLAMA.config, quantization_config: { quant_method: 'gptq', bits: 4 } };
    const gap = `model.layers.2.mlp.up_proj.${leaf}`;
    expect(factsOf(writeCheckpoint(quantized, { ...packed, ...scales })).problems).toEqual([]);
    expect(factsOf(writeCheckpoint(quantized, { ...without(packed, gap), ...scales })).problems).toHaveLength(1);
  });

  test('whose names are of another kind says nothing', () => {
    const other = renamed(LLAMA.tensors, (name) => name.replace('self_attn', 'attention').replace('_proj', ''));
    expect(factsOf(writeCheckpoint(LLAMA.config, other)).problems).toEqual([]);
  });

  test('and once more in the names of those who trained it', () => {
    const directory = writeCheckpoint(LLAMA.config, LLAMA.tensors);
    writeSafetensors(join(directory, 'consolidated.safetensors'), LLAMA.tensors);
    expect(factsOf(directory).weight_bytes).toBe(2 * LLAMA.parameters);
  });

  test('in another format says nothing, and has no weight_bytes', () => {
    const directory = writeCheckpoint(LLAMA.config, null);
    writeFileSync(join(directory, 'pytorch_model.bin'), '');
    expect(factsOf(directory)).toMatchObject({ problems: [], weight_bytes: null });
  });
});

describe('a tensor that no file holds', () => {
  // Every tensor but the biases, and what gpt-oss and DeepSeek keep beside the weights.
  const cases = SMALL_MODELS.flatMap(({ config, tensors }) => {
    const names = Object.keys(tensors).filter((name) => !/bias$|\.sinks$|shared_expert_gate/.test(name));
    return names.map((name) => ({ type: config.model_type, name }));
  });

  test('is named, whichever it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), ({ type, name }) => {
        const { config, tensors } = smallModel(type);
        const { problems } = factsOf(writeCheckpoint(config, without(tensors, name)));
        expect(problems).toHaveLength(1);
        // An expert tensor of gpt-oss and Llama 4 has no `.weight` of its own.
        expect(problems[0]).toContain(name.replace(/\.weight$/, ''));
        expect(problems[0]).toMatch(
          /^weights: no safetensors file in .*\/model holds .*, which config\.json calls for$/,
        );
        expect(isAboutWeights(problems[0] ?? '')).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('is missing though its bias is there', () => {
    const { config, tensors } = smallModel('qwen2');
    const directory = writeCheckpoint(config, without(tensors, 'model.layers.1.self_attn.q_proj.weight'));
    expect(factsOf(directory).problems).toHaveLength(1);
  });

  test('an untied head', () => {
    const { config, tensors } = smallModel('qwen3');
    const [problem = ''] = factsOf(writeCheckpoint(config, without(tensors, 'lm_head.weight'))).problems;
    expect(problem).toContain('holds lm_head.weight,');
  });

  test('many are five sentences', () => {
    const gone = Object.keys(LLAMA.tensors).filter((name) => /\.layers\.1\..*weight$/.test(name));
    const { problems } = factsOf(writeCheckpoint(LLAMA.config, without(LLAMA.tensors, ...gone)));
    // A layer has 4 + 3 weights and 2 norms.
    expect(gone).toHaveLength(9);
    expect(problems).toHaveLength(5);
    expect(problems[4]).toMatch(/, and 4 more like it$/);
  });
});

describe('weights that are not there at all', () => {
  const ofLayers = (pattern: RegExp) => Object.keys(LLAMA.tensors).filter((name) => pattern.test(name));

  test('every linear layer, with the norms and embeddings there', () => {
    const gone = ofLayers(/_proj\.weight$/);
    const { problems } = factsOf(writeCheckpoint(LLAMA.config, without(LLAMA.tensors, ...gone)));
    expect(problems[0]).toContain('holds model.layers.0.self_attn.q_proj.weight, which config.json calls for');
    // Of seven in each layer five are told.
    expect(problems.at(-1)).toMatch(new RegExp(`, and ${gone.length - 5} more like it$`));
  });

  test.each(['llama', 'gpt2', 'gpt_oss'])('every layer of %s', (type) => {
    const { config, tensors } = smallModel(type);
    const gone = Object.keys(tensors).filter((name) => /\.\d+\./.test(name));
    const { problems } = factsOf(writeCheckpoint(config, without(tensors, ...gone)));
    expect(problems).toHaveLength(5);
    // The name is one that the whole checkpoint has.
    expect(gone.some((name) => problems[0]?.includes(`holds ${name},`))).toBe(true);
  });

  test('nor any other', () => {
    expect(factsOf(writeCheckpoint(LLAMA.config, {})).problems).toEqual([
      expect.stringMatching(/^weights: the files in .* are empty$/),
    ]);
  });

  test('but perhaps under names of another kind: nothing is said', () => {
    const fused = renamed(LLAMA.tensors, (name) =>
      name.replace('self_attn.q_proj', 'attention.Wqkv').replace('self_attn.o_proj', 'attention.Wo'),
    );
    const mlp = renamed(fused, (name) => name.replace('mlp.gate_proj', 'mlp.Wi').replace('mlp.down_proj', 'mlp.Wd'));
    const gone = Object.keys(mlp).filter((name) => /\.(?:k_proj|v_proj|up_proj)\./.test(name));
    expect(factsOf(writeCheckpoint(LLAMA.config, without(mlp, ...gone))).problems).toEqual([]);
    const encoder = { 'shared.weight': [8, 8], 'encoder.block.0.layer.0.SelfAttention.q.weight': [8, 8] };
    expect(factsOf(writeCheckpoint(LLAMA.config, encoder)).problems).toEqual([]);
    const blocks = { 'model.embed_tokens.weight': [8, 8], 'model.norm.weight': [8], 'model.blocks.0.Wqkv.weight': [8] };
    expect(factsOf(writeCheckpoint(LLAMA.config, blocks)).problems).toEqual([]);
  });
});

describe('a checkpoint that config.json calls quantized', () => {
  const fp8 = { quantization_config: { quant_method: 'fp8', weight_block_size: [128, 128] } };
  const scales = Object.fromEntries(
    Object.keys(LLAMA.tensors)
      .filter((name) => name.endsWith('_proj.weight'))
      .map((name) => [`${name}_scale_inv`, [1, 1]]),
  );

  test('and whose linear layers are all in 16 bits, without a scale', () => {
    const { problems } = factsOf(writeCheckpoint({ ...LLAMA.config, ...fp8 }, LLAMA.tensors));
    expect(problems).toEqual([
      'weights: config.json says that they are quantized (fp8, fp8), and the files hold every linear layer in 16 bits ' +
        'without a scale',
    ]);
    // Nothing is known of what such files should hold.
    const unknown = { quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true } };
    expect(factsOf(writeCheckpoint({ ...LLAMA.config, ...unknown }, LLAMA.tensors)).problems).toEqual([]);
  });

  test('and that has scales, or names that say so', () => {
    expect(factsOf(writeCheckpoint({ ...LLAMA.config, ...fp8 }, { ...LLAMA.tensors, ...scales })).problems).toEqual([]);
    const packed = renamed(LLAMA.tensors, (name) => name.replace(/_proj\.weight$/, '_proj.qweight'));
    expect(factsOf(writeCheckpoint({ ...LLAMA.config, ...fp8 }, packed)).problems).toEqual([]);
  });
});

describe('files', () => {
  test('a shard that the index names is not there', () => {
    const directory = writeCheckpoint(LLAMA.config, null);
    writeShards(directory, LLAMA.tensors, 3);
    rmSync(join(directory, 'model-00002-of-00003.safetensors'));
    expect(factsOf(directory)).toMatchObject({ weight_bytes: null });
    expect(factsOf(directory).problems).toEqual([
      `weights: model-00002-of-00003.safetensors is not in ${directory}; model.safetensors.index.json names it`,
    ]);
  });

  test('a shard is not there, nor an index', () => {
    const directory = writeCheckpoint(LLAMA.config, null);
    writeShards(directory, LLAMA.tensors, 3);
    rmSync(join(directory, 'model-00003-of-00003.safetensors'));
    rmSync(join(directory, 'model.safetensors.index.json'));
    expect(factsOf(directory).problems).toEqual([`weights: model-00003-of-00003.safetensors is not in ${directory}`]);
  });

  test('of 100,000 shards there is one', () => {
    const directory = writeCheckpoint(LLAMA.config, null);
    writeSafetensors(join(directory, 'model-00001-of-99999.safetensors'), LLAMA.tensors);
    const { problems } = factsOf(directory);
    // 99,998 are not there: four are told, and one with the rest.
    expect(problems).toHaveLength(5);
    expect(problems[0]).toBe(`weights: model-00002-of-99999.safetensors is not in ${directory}`);
    expect(problems[4]).toBe(
      `weights: model-00006-of-99999.safetensors is not in ${directory}, and 99993 more like it`,
    );
  });

  test('the index names a tensor that its file does not hold', () => {
    const directory = writeCheckpoint(LLAMA.config, null);
    const weight_map = {
      ...writeShards(directory, LLAMA.tensors, 2),
      'model.extra.weight': 'model-00001-of-00002.safetensors',
    };
    writeFileSync(join(directory, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
    expect(factsOf(directory).problems).toEqual([
      'weights: model-00001-of-00002.safetensors does not hold model.extra.weight; ' +
        'model.safetensors.index.json says that it does',
    ]);
  });

  test.each(['{"weight_map": {"a": 3}}', '{"weight_map": null}', '{}', 'null', '['])('%s is no index', (text) => {
    const directory = writeCheckpoint(LLAMA.config, LLAMA.tensors);
    writeFileSync(join(directory, 'model.safetensors.index.json'), text);
    expect(factsOf(directory).problems).toEqual([
      `weights: ${directory}/model.safetensors.index.json is no index of tensors`,
    ]);
  });

  test('no weights at all', () => {
    const { problems } = factsOf(writeCheckpoint(LLAMA.config, null));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^weights: there are none in /);
    expect(isAboutWeights(problems[0] ?? '')).toBe(true);
  });

  test('no tokenizer', () => {
    const { problems } = factsOf(writeCheckpoint(LLAMA.config, LLAMA.tensors, false));
    expect(problems).toHaveLength(1);
    expect(isAboutTokenizer(problems[0] ?? '')).toBe(true);
    expect(isAboutWeights(problems[0] ?? '')).toBe(false);
  });

  test.each(['tokenizer.model', 'tekken.json', 'vocab.json', 'qwen.tiktoken'])('%s is a tokenizer', (name) => {
    const directory = writeCheckpoint(LLAMA.config, LLAMA.tensors, false);
    writeFileSync(join(directory, name), '');
    expect(factsOf(directory).problems).toEqual([]);
  });
});

test('two hundred shards of a large model are read in well under a second', () => {
  // 60 GB of holes: whoever read the data would be seen.
  const config = {
    ...LLAMA.config,
    model_type: 'mixtral',
    num_hidden_layers: 48,
    num_local_experts: 128,
    num_experts_per_tok: 8,
  };
  const attention = ['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) => `self_attn.${name}`);
  const experts = Array.from({ length: 128 }, (_, expert) =>
    ['w1', 'w2', 'w3'].map((name) => `block_sparse_moe.experts.${expert}.${name}`),
  );
  const modules = [
    'input_layernorm',
    'post_attention_layernorm',
    'block_sparse_moe.gate',
    ...attention,
    ...experts.flat(),
  ];
  const layers = Array.from({ length: 48 }, (_, layer) =>
    modules.map((name) => `model.layers.${layer}.${name}.weight`),
  );
  const names = ['model.embed_tokens.weight', 'model.norm.weight', ...layers.flat()];
  const directory = writeCheckpoint(config, null);
  writeShards(directory, Object.fromEntries(names.map((name) => [name, [1024, 1600]])), 200);
  const started = process.cpuUsage();
  const { problems, weight_bytes } = factsOf(directory);
  const { user, system } = process.cpuUsage(started);
  expect(problems).toEqual([]);
  expect(weight_bytes).toBe(names.length * 1024 * 1600 * 2);
  // Of the processor, in microseconds: other tests run at the same time.
  expect(user + system).toBeLessThan(1_000_000);
});
