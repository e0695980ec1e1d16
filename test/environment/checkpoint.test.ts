import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpointFacts } from '../../src/environment/checkpoint.ts';
import { builtinModelPath } from '../../src/environment/tiny-model.ts';
import { CheckpointFacts } from '../../src/schema/facts.ts';
import { smallModel, writeCheckpoint, writeSafetensors, writeShards } from './checkpoint-files.ts';
import { REPOSITORY, temporaryDirectory } from './temporary.ts';

const QWEN3 = smallModel('qwen3');
const TINY_LLAMA = builtinModelPath(join(REPOSITORY, '.orchestrate'), 'tiny-llama');

function factsOf(model: string, env: Record<string, string> = {}): CheckpointFacts {
  return CheckpointFacts.parse(checkpointFacts(model, { cwd: '/', env, builtin: () => null }));
}

test.skipIf(!existsSync(TINY_LLAMA))('tiny-llama: as many parameters as its file holds, exactly', () => {
  const { size, weight_bytes, problems, dtype } = factsOf(TINY_LLAMA);
  const file = readFileSync(join(TINY_LLAMA, 'model.safetensors'));
  const data = statSync(join(TINY_LLAMA, 'model.safetensors')).size - 8 - Number(file.readBigUInt64LE());
  expect({ problems, weight_bytes, dtype }).toEqual({ problems: [], weight_bytes: data, dtype: 'bfloat16' });
  expect(size?.parameters).toBe(data / 2);
});

test('what config.json says of a model', () => {
  const config = { ...QWEN3.config, torch_dtype: 'bfloat16', quantization_config: { quant_method: 'fp8' } };
  // A scale of no bytes: without any, weights of 16 bits are nothing that FP8 is.
  const scale = { 'model.layers.0.mlp.up_proj.weight_scale': [0] };
  const directory = writeCheckpoint(config, { ...QWEN3.tensors, ...scale });
  expect(factsOf(directory)).toEqual({
    model: directory,
    path: directory,
    config_sha256: createHash('sha256').update(JSON.stringify(config)).digest('hex'),
    max_position_embeddings: 256,
    num_attention_heads: 4,
    // As transformers wrote them; see fixtures/models/small.
    widths: { hidden: QWEN3.config['hidden_size'], feed_forward: QWEN3.config['intermediate_size'], expert: null },
    dtype: 'bfloat16',
    quantization: { method: 'fp8', weights: 'fp8', activations: 'fp8', kv_cache: null, source: 'config.json' },
    size: expect.objectContaining({ parameters: QWEN3.parameters, layers: 3, kv_elements_per_token: 3 * 2 * 2 * 16 }),
    weight_bytes: 2 * QWEN3.parameters,
    problems: [],
  });
});

test('the language model of one that also sees, and what only the whole says', () => {
  const text_config = { ...QWEN3.config, model_type: 'qwen3_vl_text', dtype: null };
  const architectures = ['Qwen3VLForConditionalGeneration'];
  const directory = writeCheckpoint(
    { architectures, text_config, dtype: 'float16', num_attention_heads: 99 },
    QWEN3.tensors,
  );
  expect(factsOf(directory)).toMatchObject({ dtype: 'float16', num_attention_heads: 4, max_position_embeddings: 256 });
});

test('the words of GPT-2', () => {
  const { config, tensors } = smallModel('gpt2');
  expect(factsOf(writeCheckpoint(config, tensors))).toMatchObject({
    num_attention_heads: 4,
    max_position_embeddings: 256,
  });
});

describe('the hash', () => {
  test('covers hf_quant_config.json too', () => {
    const directory = writeCheckpoint(QWEN3.config, QWEN3.tensors);
    const hashes = ['{"quantization": {"quant_algo": "FP8"}}', '{"quantization": {"quant_algo": "NVFP4"}}'].map(
      (text) => {
        writeFileSync(join(directory, 'hf_quant_config.json'), text);
        return factsOf(directory).config_sha256;
      },
    );
    rmSync(join(directory, 'hf_quant_config.json'));
    expect(new Set([...hashes, factsOf(directory).config_sha256]).size).toBe(3);
  });
});

describe('a config.json', () => {
  test.each(['', '[]', '{"num_attention_heads": "many"}', '{"text_config": 3}'])(
    'that holds %j is a problem',
    (text) => {
      const directory = writeCheckpoint(QWEN3.config, QWEN3.tensors);
      writeFileSync(join(directory, 'config.json'), text);
      const { problems, size } = factsOf(directory);
      expect({ problems, size }).toEqual({
        problems: [`config: ${directory}/config.json describes no model`],
        size: null,
      });
    },
  );

  test('that is not there: nothing is known', () => {
    expect(factsOf(join(temporaryDirectory(), 'nothing'))).toMatchObject({ config_sha256: null, problems: [] });
  });

  // As Gemma 3n writes it.
  test('with a width for each layer is none that is not understood', () => {
    const intermediate_size = [128, 256, 128];
    const facts = factsOf(writeCheckpoint({ ...QWEN3.config, intermediate_size }, QWEN3.tensors));
    expect(facts).toMatchObject({ problems: [], widths: { feed_forward: null } });
    expect(facts.config_sha256).not.toBeNull();
  });

  test('over 2 % off its own weights gives no size, and no problem', () => {
    const apart = (vocab_size: number) => factsOf(writeCheckpoint({ ...QWEN3.config, vocab_size }, QWEN3.tensors));
    // 72,384 parameters, of which a row of the two tables is 96: 2 % are 1448, so 15 rows are within and 16 are not.
    expect(apart(96 + 15)).toMatchObject({ problems: [], size: { parameters: QWEN3.parameters + 15 * 96 } });
    expect(apart(96 + 16)).toMatchObject({ problems: [], size: null });
    const quantization_config = { quant_method: 'awq', bits: 4 };
    const packed = writeCheckpoint({ ...QWEN3.config, vocab_size: 200, quantization_config }, QWEN3.tensors);
    expect(factsOf(packed).size).not.toBeNull();
  });

  test('of an architecture that is not known: no size, and only the files are looked at', () => {
    const directory = writeCheckpoint(
      { ...QWEN3.config, model_type: 'mamba' },
      { 'backbone.layers.0.mixer.A': [4, 4] },
    );
    expect(factsOf(directory)).toMatchObject({ size: null, weight_bytes: 32, problems: [] });
    truncateSync(join(directory, 'model.safetensors'), 50);
    expect(factsOf(directory).problems).toHaveLength(1);
  });
});

describe('a quantization that cannot be read is a problem, not a plain checkpoint', () => {
  test.each([['fp8'], [['fp8']], [8], [{ quant_method: 8 }]])('quantization_config %j', (quantization_config) => {
    const facts = factsOf(writeCheckpoint({ ...QWEN3.config, quantization_config }, QWEN3.tensors));
    expect(facts.problems).toEqual([expect.stringMatching(/^config: .*quantization_config cannot be understood$/)]);
  });

  test.each(['{"quantization": {"quant_al', '[]', ''])('hf_quant_config.json %j', (text) => {
    const directory = writeCheckpoint(QWEN3.config, QWEN3.tensors);
    writeFileSync(join(directory, 'hf_quant_config.json'), text);
    expect(factsOf(directory).problems).toEqual([expect.stringMatching(/^config: .*hf_quant_config\.json is no JSON/)]);
  });

  test('that config.json tells nobody looks for beside it', () => {
    const quantization_config = { quant_method: 'awq', bits: 4 };
    const directory = writeCheckpoint({ ...QWEN3.config, quantization_config }, null);
    writeFileSync(join(directory, 'hf_quant_config.json'), '{');
    expect(factsOf(directory).problems).toEqual([expect.stringMatching(/^weights: /)]);
  });
});

// Whoever opened one would wait for ever.
describe('a named pipe is no file', () => {
  test.each([
    { name: 'config.json', problem: /^config: .*config\.json cannot be read$/ },
    { name: 'model.safetensors', problem: /^weights: .*model\.safetensors cannot be read: it is no file$/ },
    { name: 'model.safetensors.index.json', problem: /^weights: .*index\.json is no index of tensors$/ },
  ])('$name', ({ name, problem }) => {
    const directory = writeCheckpoint(QWEN3.config, QWEN3.tensors);
    rmSync(join(directory, name), { force: true });
    execFileSync('mkfifo', [join(directory, name)]);
    expect(factsOf(directory).problems).toEqual([expect.stringMatching(problem)]);
  });
});

describe('a model of the Hugging Face cache', () => {
  function cached(tokenizer: boolean): { readonly hub: string; readonly snapshot: string } {
    const hub = join(temporaryDirectory(), 'hub');
    const root = join(hub, 'models--org--model');
    const snapshot = join(root, 'snapshots', 'abc');
    mkdirSync(join(root, 'refs'), { recursive: true });
    mkdirSync(dirname(snapshot));
    writeFileSync(join(root, 'refs', 'main'), 'abc\n');
    renameSync(writeCheckpoint(QWEN3.config, null, tokenizer), snapshot);
    return { hub, snapshot };
  }

  test('is found by its id', () => {
    const { hub, snapshot } = cached(true);
    writeSafetensors(join(snapshot, 'model.safetensors'), QWEN3.tensors);
    expect(factsOf('org/model', { HF_HUB_CACHE: hub })).toMatchObject({
      model: 'org/model',
      path: snapshot,
      weight_bytes: 2 * QWEN3.parameters,
      problems: [],
    });
    expect(factsOf('org/other', { HF_HUB_CACHE: hub })).toMatchObject({ path: null, config_sha256: null });
  });

  test('the small files alone make the model that it is when its weights have come, and no problem', () => {
    const { hub, snapshot } = cached(false);
    const quantized = { producer: { name: 'modelopt' }, quantization: { quant_algo: 'FP8' } };
    writeFileSync(join(snapshot, 'hf_quant_config.json'), JSON.stringify(quantized));
    const weight_map = { 'model.norm.weight': 'model-00001-of-00002.safetensors' };
    writeFileSync(join(snapshot, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }));
    const before = factsOf('org/model', { HF_HUB_CACHE: hub });
    expect(before).toMatchObject({ problems: [], weight_bytes: null, quantization: { method: 'modelopt' } });
    writeShards(snapshot, QWEN3.tensors, 2);
    const after = factsOf('org/model', { HF_HUB_CACHE: hub });
    expect(after.weight_bytes).toBe(2 * QWEN3.parameters);
    expect([after.config_sha256, after.quantization]).toEqual([before.config_sha256, before.quantization]);
  });

  test('what is not downloaded yet is a problem only offline', () => {
    const { hub, snapshot } = cached(false);
    expect(factsOf('org/model', { HF_HUB_CACHE: hub })).toMatchObject({ problems: [], weight_bytes: null });
    expect(factsOf('org/model', { HF_HUB_CACHE: hub, HF_HUB_OFFLINE: '1' }).problems).toHaveLength(2);
    writeShards(snapshot, QWEN3.tensors, 3);
    rmSync(join(snapshot, 'model-00001-of-00003.safetensors'));
    expect(factsOf('org/model', { HF_HUB_CACHE: hub })).toMatchObject({ problems: [], weight_bytes: null });
    truncateSync(join(snapshot, 'model-00002-of-00003.safetensors'), 9);
    expect(factsOf('org/model', { HF_HUB_CACHE: hub }).problems).toHaveLength(1);
  });
});

describe('a revision of a model of the Hugging Face cache', () => {
  const COMMITS = [
    ['main', 'aaa', 4],
    ['v2', 'bbb', 8],
    ['refs/pr1', 'ccc', 16],
  ] as const;

  function cached(): { readonly hub: string; readonly root: string } {
    const hub = join(temporaryDirectory(), 'hub');
    const root = join(hub, 'models--org--model');
    mkdirSync(join(root, 'refs', 'refs'), { recursive: true });
    mkdirSync(join(root, 'snapshots'));
    for (const [ref, commit, num_attention_heads] of COMMITS) {
      writeFileSync(join(root, 'refs', ref), commit);
      renameSync(writeCheckpoint({ ...QWEN3.config, num_attention_heads }, null), join(root, 'snapshots', commit));
    }
    return { hub, root };
  }

  function headsOf(hub: string, revisions: readonly (string | null)[], model = 'org/model') {
    const sources = { cwd: '/', env: { HF_HUB_CACHE: hub }, builtin: () => null };
    return revisions.map((revision) => checkpointFacts(model, { ...sources, revision }).num_attention_heads);
  }

  test('is looked up as a branch, a tag or a commit', () => {
    const { hub } = cached();
    expect(headsOf(hub, ['main', 'v2', 'refs/pr1', 'bbb'])).toEqual([4, 8, 16, 8]);
    expect(factsOf('org/model', { HF_HUB_CACHE: hub }).num_attention_heads).toBe(4);
  });

  test('that is not here, or several at once: nothing is known', () => {
    expect(headsOf(cached().hub, ['v3', null, '../snapshots/aaa', '..'])).toEqual([null, null, null, null]);
  });

  test('is none of a folder', () => {
    const { hub, root } = cached();
    expect(headsOf(hub, ['v3', null], join(root, 'snapshots', 'bbb'))).toEqual([8, 8]);
  });
});
