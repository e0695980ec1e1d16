import { describe, expect, test } from 'vitest';
import { ownPrecision, precisionOf } from '../../src/modes/precision.ts';
import { atLeast } from '../../src/modes/precision-asked.ts';
import type { EngineSettings } from '../../src/schema/engine.ts';
import type { CheckpointFacts, DeviceFacts, Facts } from '../../src/schema/facts.ts';
import { B200S, checkpoint, DENSE, MOE, NO_FACTS, quantizedWith, vllm } from '../plan/plans.ts';

type Settings = Partial<Pick<EngineSettings, 'checkpoint' | 'extra_args'>>;

function resolve(quantization: string | null, facts: Partial<Facts> = {}, settings: Settings = {}) {
  const engine = { model: 'm', checkpoint: null, extra_args: [], ...settings, quantization };
  return precisionOf(engine, { ...NO_FACTS, ...facts });
}

/** The flag that vLLM is given, or the reason why there is no such precision. */
function flag(quantization: string | null, facts: Partial<Facts> = {}, settings: Settings = {}): string | null {
  const resolved = resolve(quantization, facts, settings);
  return 'refused' in resolved ? `refused: ${resolved.refused}` : resolved.precision.flag;
}

const gpu = (compute_capability: string, name = 'a GPU'): DeviceFacts => ({ ...B200S, name, compute_capability });
const CPU: DeviceFacts = { ...B200S, kind: 'cpu', name: 'Xeon', compute_capability: null };
const TPU: DeviceFacts = { ...B200S, kind: 'tpu', name: 'TPU v7x', compute_capability: null };
const AMD: DeviceFacts = { ...B200S, kind: 'rocm', name: 'AMD Instinct MI300X', compute_capability: null };

/** A host with this vLLM and a checkpoint `m`. */
function host(version: string, changes: Partial<CheckpointFacts> = {}, devices: DeviceFacts | null = B200S): Facts {
  return { capabilities: vllm(version), checkpoints: [checkpoint({ size: DENSE, ...changes })], devices };
}
const stored = (...quantization: Parameters<typeof quantizedWith>) => ({
  quantization: quantizedWith(...quantization),
});

describe('a plain checkpoint', () => {
  // docs/vllm-versions.md: the loader of 0.31 is the first that calls fp8 deprecated.
  test.each([
    { version: '0.8.5', is: 'fp8' },
    { version: '0.19.1', is: 'fp8' },
    { version: '0.30.0', is: 'fp8' },
    { version: '0.31.0', is: 'fp8_per_tensor' },
    { version: '0.32.0', is: 'fp8_per_tensor' },
    { version: '0.32.1.dev5+gabc.cpu', is: 'fp8_per_tensor' },
    { version: '1.0.0', is: 'fp8_per_tensor' },
  ])('in fp8 is $is in vLLM $version', ({ version, is }) => {
    expect(resolve('fp8', host(version))).toEqual({
      precision: { asked: 'fp8', flag: is, by: 'engine', reaches: 'all', weights: 'fp8', activations: 'fp8' },
    });
  });

  test.each(['0.28.0', '0.32.0'])('in fp4 is mxfp4 in vLLM %s', (version) => {
    const mxfp4 = { asked: 'fp4', flag: 'mxfp4', by: 'engine', reaches: 'all', weights: 'mxfp4', activations: 'mxfp4' };
    expect(resolve('fp4', host(version))).toEqual({ precision: mxfp4 });
    expect(resolve('fp4', host(version, { size: MOE }))).toEqual({ precision: mxfp4 });
  });

  // Before 0.28 --quantization mxfp4 ran a dense model in BF16, from 0.12 on without a word.
  test('in fp4 is refused before vLLM 0.28, with what would work', () => {
    const facts = host('0.20.2', { model: 'meta-llama/Llama-3.1-70B-Instruct' });
    const engine = { model: 'meta-llama/Llama-3.1-70B-Instruct', checkpoint: null, extra_args: [] };
    expect(precisionOf({ ...engine, quantization: 'fp4' }, facts)).toEqual({
      refused:
        'FP4 of a BF16 dense checkpoint needs vLLM 0.28 or later; this is 0.20.2. Use an NVFP4 checkpoint of the ' +
        'model: checkpoints: {fp4: <publisher>/Llama-3.1-70B-Instruct-NVFP4}',
    });
  });

  test.each(['0.8.5', '0.12.0', '0.27.1'])('in fp4 is refused in vLLM %s whatever is known of it', (version) => {
    const words = `needs vLLM 0.28 or later; this is ${version}`;
    expect(flag('fp4', host(version))).toContain(words);
    expect(flag('fp4', { capabilities: vllm(version) })).toContain(words);
  });

  test('of a mixture of experts has FP4 for its experts in 0.26 and 0.27, on compute capability 10', () => {
    const moe = (version: string, devices: DeviceFacts | null) => host(version, { size: MOE }, devices);
    for (const version of ['0.26.0', '0.27.1']) {
      for (const devices of [B200S, gpu('10.3', 'NVIDIA B300'), null]) {
        expect(resolve('fp4', moe(version, devices))).toMatchObject({
          precision: { flag: 'nvfp4_per_token', by: 'engine', reaches: 'experts', weights: 'nvfp4' },
        });
      }
      for (const devices of [gpu('9.0'), gpu('12.0'), AMD])
        expect(flag('fp4', moe(version, devices))).toMatch(
          /^refused: FP4 of a BF16 mixture of experts needs vLLM 0\.28/,
        );
    }
    expect(flag('fp4', moe('0.24.0', B200S))).toMatch(/^refused: .*0\.26 for its experts on compute capability 10/);
  });

  test('without a precision runs in its own dtype, or in the one that args ask for', () => {
    const none = { asked: null, flag: null, by: 'nobody', reaches: 'none', activations: null };
    const formatOf = (dtype: string | null, ...extra_args: string[]) =>
      resolve(null, host('0.32.0', { dtype }), { extra_args });
    expect(formatOf('bfloat16')).toEqual({ precision: { ...none, weights: 'bf16' } });
    expect(formatOf('float16')).toMatchObject({ precision: { weights: 'fp16' } });
    // vLLM: "Downcast for float32 models"
    expect(formatOf('float32')).toMatchObject({ precision: { weights: 'bf16' } });
    expect(formatOf('bfloat16', '--dtype', 'half')).toMatchObject({ precision: { weights: 'fp16' } });
    expect(formatOf('bfloat16', '--x', '--dtype=float32')).toMatchObject({ precision: { weights: 'fp32' } });
    expect(formatOf('bfloat16', '--dtype', 'auto')).toMatchObject({ precision: { weights: 'bf16' } });
    expect(formatOf(null)).toMatchObject({ precision: { weights: 'other' } });
  });

  test('of an unknown vLLM on an unknown device is that of the newest', () => {
    expect(flag('fp8')).toBe('fp8_per_tensor');
    expect(resolve('fp4')).toMatchObject({ precision: { flag: 'mxfp4', activations: 'mxfp4' } });
  });

  test('of a vLLM that could not be read is decided by its version', () => {
    const unread = (version: string) => ({
      ...NO_FACTS,
      capabilities: { ...vllm(version), quantization: [], online_quantization: {}, kv_cache_dtypes: [] },
      checkpoints: [checkpoint({ size: DENSE })],
    });
    expect(flag('fp8', unread('0.32.0'))).toBe('fp8_per_tensor');
    expect(flag('fp8', unread('0.20.2'))).toBe('fp8');
    expect(flag('fp4', unread('0.32.0'))).toBe('mxfp4');
    expect(flag('fp4', unread('0.27.1'))).toMatch(/^refused/);
    expect(flag('anything', unread('0.32.0'))).toBe('anything');
    expect(flag('nvfp4_per_token', unread('0.32.0'))).toMatch(/^refused/);
  });
});

describe('what a device makes of a precision', () => {
  const activations = (name: string, devices: DeviceFacts, changes = {}) => {
    const resolved = resolve(name, host('0.32.0', changes, devices));
    return 'precision' in resolved ? resolved.precision.activations : resolved.refused;
  };

  // FP8 units came with Ada (8.9), FP4 units with Blackwell (10.0); Marlin's kernels below are weight-only.
  test.each([
    { capability: '8.0', fp8: null, fp4: null },
    { capability: '8.9', fp8: 'fp8', fp4: null },
    { capability: '9.0', fp8: 'fp8', fp4: null },
    { capability: '10.0', fp8: 'fp8', fp4: 'mxfp4' },
    { capability: '12.0', fp8: 'fp8', fp4: 'mxfp4' },
  ])('compute capability $capability', ({ capability, fp8, fp4 }) => {
    expect(activations('fp8', gpu(capability))).toBe(fp8);
    expect(activations('fp4', gpu(capability))).toBe(fp4);
    expect(activations('fp8', gpu(capability), stored('fp8', 'fp8'))).toBe(fp8);
    expect(activations('fp4', gpu(capability), stored('modelopt_fp4', 'nvfp4'))).toBe(fp4 === null ? null : 'nvfp4');
  });

  test('a checkpoint whose activations stay in 16 bits is not computed in less anywhere', () => {
    expect(activations('fp4', B200S, stored('compressed-tensors', 'nvfp4', { activations: null }))).toBe(null);
    expect(activations('fp8', B200S, stored('compressed-tensors', 'fp8', { activations: null }))).toBe(null);
  });

  test('a GPU before Turing has neither; before vLLM 0.15 one before Ampere', () => {
    // get_min_capability of Fp8Config: 80 in 0.13.0, 75 in 0.15.1
    expect(flag('fp8', host('0.32.0', {}, gpu('7.0', 'Tesla V100')))).toBe(
      'refused: FP8 needs compute capability 7.5 or later; Tesla V100 has 7.0. Use quantization: none, or an AWQ or GPTQ checkpoint',
    );
    expect(flag('fp4', host('0.32.0', {}, gpu('7.0')))).toMatch(/^refused: MXFP4 needs compute capability 7\.5/);
    expect(flag('fp8', host('0.32.0', stored('fp8', 'fp8'), gpu('7.0')))).toMatch(/^refused/);
    expect(flag('fp8', host('0.15.1', {}, gpu('7.5')))).toBe('fp8');
    expect(flag('fp8', host('0.13.0', {}, gpu('7.5')))).toMatch(/^refused: FP8 needs compute capability 8\.0/);
    expect(flag('awq', host('0.32.0', stored('awq', 'int4', { activations: null }), gpu('7.0')))).toBe(null);
  });

  test('ROCm emulates FP4 before MI350', () => {
    expect(activations('fp4', AMD)).toBe(null);
    expect(activations('fp4', { ...AMD, name: 'AMD Instinct MI355X' })).toBe('mxfp4');
    expect(activations('fp8', AMD)).toBe('fp8');
  });

  // What runs and what does not was seen on vLLM 0.32 on a CPU.
  test('on a CPU FP8 by its plain name and every FP4 are refused, with what runs there', () => {
    const cpu = (changes: Partial<CheckpointFacts> = {}) => host('0.32.0', changes, CPU);
    for (const name of ['fp8', 'fp8_per_tensor']) {
      expect(flag(name, cpu())).toMatch(/^refused: FP8 with a scale for each tensor fails in vLLM on a CPU/);
      expect(flag(name, cpu())).toContain(
        'What runs there: quantization: fp8_per_block, or quantization: fp8 with a compressed-tensors',
      );
    }
    for (const name of ['fp4', 'mxfp4', 'nvfp4_per_token'])
      expect(flag(name, cpu())).toMatch(/^refused: .*no FP4 kernel/);
    expect(flag('mxfp8', cpu())).toMatch(/^refused/);
    expect(flag('fp4', cpu(stored('modelopt_fp4', 'nvfp4')))).toMatch(/^refused: vLLM has no FP4 kernel for a CPU/);
    expect(flag('fp4', cpu(stored('compressed-tensors', 'nvfp4')))).toMatch(/^refused/);
    expect(flag('fp8', cpu(stored('modelopt', 'fp8')))).toMatch(/^refused/);
    // Seen to run with weight_block_size, and to fail without.
    expect(flag('fp8', cpu(stored('fp8', 'fp8')))).toMatch(/^refused: FP8 with a scale for each tensor fails/);
    expect(flag('fp8', cpu(stored('fp8', 'fp8', { weight_block: [128, 128] })))).toBe(null);
    for (const name of ['fp8_per_block', 'fp8_per_channel']) expect(flag(name, cpu())).toBe(name);
    expect(flag('fp8', cpu(stored('compressed-tensors', 'fp8')))).toBe(null);
    expect(flag('awq', cpu(stored('awq', 'int4')))).toBe(null);
    // A vLLM without fp8_per_block does not offer it.
    expect(flag('fp8', host('0.13.0', {}, CPU))).not.toContain('fp8_per_block');
  });

  test('a vLLM that was built for the CPU says the same of a host whose devices are not known', () => {
    const capabilities = { ...vllm('0.32.0'), platform: 'cpu' as const };
    expect(flag('fp8', { ...NO_FACTS, capabilities })).toMatch(/^refused/);
    expect(flag('fp8', { ...NO_FACTS, capabilities, devices: B200S })).toBe('fp8_per_tensor');
  });

  test('on TPU there are checkpoints only, and FP4 is weight-only', () => {
    const quantization = ['auto_awq', 'fp8', 'modelopt_fp4', 'compressed-tensors', 'gpt_oss_mxfp4', 'deepseek_v4_fp8'];
    const tpu = (changes: Partial<CheckpointFacts> = {}): Facts => ({
      capabilities: { ...vllm('0.32.0'), platform: 'tpu', quantization, online_quantization: {} },
      checkpoints: [checkpoint(changes)],
      devices: TPU,
    });
    for (const name of ['fp8', 'fp4', 'fp8_per_block'])
      expect(flag(name, tpu())).toMatch(/^refused: vLLM on TPU quantizes no checkpoint while it loads one/);
    for (const method of [
      stored('modelopt_fp4', 'nvfp4'),
      stored('mxfp4', 'mxfp4'),
      stored('compressed-tensors', 'nvfp4'),
    ])
      expect(resolve('fp4', tpu(method))).toMatchObject({ precision: { by: 'checkpoint', activations: null } });
    expect(resolve('fp8', tpu(stored('fp8', 'fp8')))).toMatchObject({ precision: { flag: null, activations: 'fp8' } });
    expect(flag('awq', tpu(stored('awq', 'int4')))).toBe(null);
    for (const other of [stored('gptq', 'int4'), stored('modelopt', 'fp8'), stored('quark', 'fp8')])
      expect(flag(other.quantization.weights === 'fp8' ? 'fp8' : 'gptq', tpu(other))).toMatch(
        /^refused: .*does not read/,
      );
  });
});

describe('a checkpoint that is quantized', () => {
  test.each([
    { asked: 'fp8', method: 'fp8', weights: 'fp8' },
    { asked: 'fp8', method: 'compressed-tensors', weights: 'fp8' },
    { asked: 'fp8', method: 'modelopt', weights: 'fp8' },
    { asked: 'fp4', method: 'modelopt_fp4', weights: 'nvfp4' },
    { asked: 'fp4', method: 'compressed-tensors', weights: 'nvfp4' },
    { asked: 'fp4', method: 'quark', weights: 'mxfp4' },
    { asked: 'compressed-tensors', method: 'compressed-tensors', weights: 'int8' },
    { asked: 'awq', method: 'awq', weights: 'int4' },
  ] as const)('with $method in $weights is $asked by itself: vLLM gets no flag', ({ asked, method, weights }) => {
    expect(resolve(asked, host('0.32.0', stored(method, weights)))).toEqual({
      precision: { asked, flag: null, by: 'checkpoint', reaches: 'all', weights, activations: weights },
    });
  });

  test('of a mixture of experts in MXFP4 has attention in 16 bits', () => {
    const facts = host('0.32.0', { ...stored('mxfp4', 'mxfp4', { activations: null }), size: MOE });
    expect(resolve('fp4', facts)).toMatchObject({
      precision: { by: 'checkpoint', reaches: 'experts', activations: null },
    });
  });

  test.each([
    { asked: 'fp8', method: 'awq', weights: 'int4' },
    { asked: 'fp8', method: 'modelopt_fp4', weights: 'nvfp4' },
    { asked: 'fp8', method: 'compressed-tensors', weights: 'int8' },
    { asked: 'fp4', method: 'fp8', weights: 'fp8' },
    // INT4 is not FP4.
    { asked: 'fp4', method: 'gptq', weights: 'int4' },
    { asked: 'fp8_per_tensor', method: 'fp8', weights: 'fp8' },
    { asked: 'gptq', method: 'awq', weights: 'int4' },
  ] as const)('with $method in $weights cannot be run as $asked', ({ asked, method, weights }) => {
    const refused = flag(asked, host('0.32.0', stored(method, weights)));
    expect(refused).toMatch(
      new RegExp(`^refused: the checkpoint is quantized with ${method} \\(.*\\), so it cannot be run as ${asked}\\. `),
    );
  });

  test('says what would work instead', () => {
    expect(flag('fp4', host('0.32.0', stored('fp8', 'fp8')))).toBe(
      'refused: the checkpoint is quantized with fp8 (FP8 weights), so it cannot be run as fp4. Use a checkpoint of ' +
        'the model in FP4: checkpoints: {fp4: <publisher>/m-NVFP4}, or write quantization: fp8',
    );
    expect(flag(null, host('0.32.0', stored('modelopt_fp4', 'nvfp4')))).toBe(
      'refused: the checkpoint is quantized with modelopt_fp4 (NVFP4 weights), so that none would not run it in BF16. ' +
        'Write quantization: fp4, or give the checkpoint that is not quantized: checkpoints: {none: <id or path>}',
    );
  });

  test('may be asked for by another name for its kernels, which vLLM is given', () => {
    expect(flag('awq_marlin', host('0.20.2', stored('awq', 'int4')))).toBe('awq_marlin');
    expect(flag('humming', host('0.32.0', stored('awq', 'int4')))).toBe('humming');
    expect(flag('fp8', host('0.32.0', stored('deepseek_v4_fp8', 'fp8')))).toBe(null);
  });

  // transformers_utils/config.py reads a hf_quant_config.json from 0.10.2 on.
  test.each([
    { version: '0.8.5', fp4: 'nvfp4', fp8: 'modelopt' },
    { version: '0.9.2', fp4: 'modelopt_fp4', fp8: 'modelopt' },
    { version: '0.10.1', fp4: 'modelopt_fp4', fp8: 'modelopt' },
    { version: '0.10.2', fp4: null, fp8: null },
    { version: '0.32.0', fp4: null, fp8: null },
  ])('in a hf_quant_config.json is found by vLLM $version, or it is told', ({ version, fp4, fp8 }) => {
    const source = 'hf_quant_config.json' as const;
    expect(flag('fp4', host(version, stored('modelopt_fp4', 'nvfp4', { source })))).toBe(fp4);
    expect(flag('fp8', host(version, stored('modelopt', 'fp8', { source })))).toBe(fp8);
    expect(flag('fp8', host(version, stored('modelopt', 'fp8')))).toBe(null);
  });

  test('needs no online FP4 of vLLM', () => {
    expect(flag('fp4', host('0.10.2', stored('modelopt_fp4', 'nvfp4')))).toBe(null);
  });

  test('needs a vLLM that reads it', () => {
    // mxfp4 is first in 0.10.1.1, NVFP4 of compressed-tensors in 0.9.1
    expect(flag('fp4', host('0.9.2', stored('mxfp4', 'mxfp4')))).toMatch(/^refused: vLLM 0\.9\.2 does not read mxfp4/);
    expect(flag('fp4', host('0.8.5', stored('compressed-tensors', 'nvfp4')))).toMatch(/^refused: .*needs vLLM 0\.9\.1/);
    expect(flag('fp4', host('0.9.2', stored('compressed-tensors', 'nvfp4')))).toBe(null);
    // ModelOptNvFp4Config.get_min_capability: 100 in 0.8.5, 80 in 0.9.2
    expect(flag('fp4', host('0.8.5', stored('modelopt_fp4', 'nvfp4'), gpu('9.0')))).toMatch(
      /^refused: .*capability 10/,
    );
    expect(flag('fp4', host('0.9.2', stored('modelopt_fp4', 'nvfp4'), gpu('9.0')))).toBe(null);
  });

  test('in MXFP4 needs a vLLM that reads that format of it', () => {
    // compressed_tensors.py has _is_mxfp4 in 0.14.0 and not in 0.13.0
    const compressed = stored('compressed-tensors', 'mxfp4', { activations: null });
    expect(flag('fp4', host('0.13.0', compressed))).toMatch(
      /^refused: MXFP4 in compressed-tensors needs vLLM 0\.14 or later; this is 0\.13\.0\. Use /,
    );
    expect(flag('fp4', host('0.14.0', compressed))).toBe(null);
    expect(flag('fp4', host('0.8.5', stored('quark', 'mxfp4')))).toMatch(/^refused: MXFP4 in quark needs vLLM 0\.9/);
    expect(flag('fp4', host('0.9.2', stored('quark', 'mxfp4')))).toBe(null);
  });

  // vLLM 0.32 loaded such a model with UnquantizedLinearMethod, and ended with exit code 0.
  test.each(['mxfp4', 'gpt_oss_mxfp4'])('with %s needs experts', (method) => {
    const mxfp4 = stored(method, 'mxfp4', { activations: null });
    expect(flag('fp4', host('0.32.0', mxfp4))).toMatch(/^refused: vLLM reads .* for their experts only/);
    expect(flag('fp4', host('0.32.0', { ...mxfp4, size: MOE }))).toBe(null);
    expect(flag('fp4', host('0.32.0', { ...mxfp4, size: null }))).toBe(null);
  });

  test('whose method vLLM is about to drop is refused unless args allow it', () => {
    const facts = host('0.32.0', stored('fbgemm_fp8', 'fp8'));
    expect(flag('fp8', facts)).toMatch(
      /^refused: vLLM 0\.32\.0 refuses fbgemm_fp8, .* --allow-deprecated-quantization/,
    );
    for (const word of ['--allow-deprecated-quantization', '--allow_deprecated_quantization'])
      expect(flag('fp8', facts, { extra_args: [word] })).toBe(null);
    expect(flag('fp8', host('0.13.0', stored('fbgemm_fp8', 'fp8')))).toBe(null);
  });

  test('is not that of another model', () => {
    const awq = { checkpoints: [checkpoint({ model: 'other', ...stored('awq', 'int4') })] };
    expect(flag('fp8', { ...awq, capabilities: vllm('0.32.0') })).toBe('fp8_per_tensor');
  });

  test('is not held against flags that replace its configuration', () => {
    const facts = host('0.32.0', stored('awq', 'int4'));
    expect(flag('fp8', facts, { extra_args: ['--hf-overrides', '{"quantization_config": null}'] })).toBe(
      'fp8_per_tensor',
    );
    expect(flag('fp8', facts, { extra_args: ['--hf-config-path', '/x'] })).toBe('fp8_per_tensor');
    expect(flag('fp8', facts, { extra_args: ['--hf-overrides', '{"rope": 1}'] })).toMatch(/^refused/);
  });

  test('is auto as what it is', () => {
    const own = (...quantization: Parameters<typeof quantizedWith>) =>
      ownPrecision('m', host('0.32.0', stored(...quantization)));
    expect(own('fp8', 'fp8')).toBe('fp8');
    expect(own('compressed-tensors', 'nvfp4')).toBe('fp4');
    expect(own('awq', 'int4')).toBe('awq');
    expect(ownPrecision('m', host('0.32.0'))).toBe(null);
    expect(ownPrecision('unknown', host('0.32.0'))).toBe(null);
  });
});

describe('the checkpoint that a run names for a precision', () => {
  const other = (changes: Partial<CheckpointFacts>): Facts => {
    const facts = host('0.32.0');
    return { ...facts, checkpoints: [...facts.checkpoints, checkpoint({ model: 'm-other', ...changes })] };
  };

  test('is looked at, and not the model', () => {
    const facts = other(stored('compressed-tensors', 'nvfp4'));
    expect(resolve('fp4', facts, { checkpoint: 'm-other' })).toMatchObject({
      precision: { by: 'checkpoint', flag: null },
    });
    expect(flag('fp8', facts, { checkpoint: 'm-other' })).toMatch(/^refused: the checkpoint is quantized/);
  });

  test('is taken at the run’s word when its files are not here', () => {
    const facts = other({ config_sha256: null, path: null });
    for (const [name, weights] of [
      ['fp8', 'fp8'],
      ['fp4', 'nvfp4'],
    ] as const) {
      expect(resolve(name, facts, { checkpoint: 'm-other' })).toEqual({
        precision: { asked: name, flag: null, by: 'checkpoint', reaches: 'all', weights, activations: weights },
      });
    }
    expect(flag('fp8', facts)).toBe('fp8_per_tensor');
  });

  test('is not believed where its precision has no kernel, nor to have one that vLLM makes while it loads', () => {
    const unread = (devices: DeviceFacts) => ({ ...other({ config_sha256: null }), devices });
    expect(flag('fp4', unread(CPU), { checkpoint: 'm-other' })).toMatch(/^refused: vLLM has no FP4 kernel/);
    expect(flag('fp8', unread(gpu('7.0')), { checkpoint: 'm-other' })).toMatch(/^refused: FP8 needs/);
    expect(flag('fp8', unread(TPU), { checkpoint: 'm-other' })).toBe(null);
    expect(flag('fp8_per_block', unread(B200S), { checkpoint: 'm-other' })).toBe('fp8_per_block');
    expect(flag('awq', unread(B200S), { checkpoint: 'm-other' })).toBe(null);
  });

  test('may be a plain one, which vLLM quantizes', () => {
    expect(flag('fp8', other({}), { checkpoint: 'm-other' })).toBe('fp8_per_tensor');
  });
});

describe('a name of vLLM’s', () => {
  test.each([
    { name: 'fp8_per_block', version: '0.20.2', weights: 'fp8', reaches: 'all' },
    { name: 'mxfp8', version: '0.32.0', weights: 'mxfp8', reaches: 'all' },
    { name: 'mxfp4', version: '0.28.0', weights: 'mxfp4', reaches: 'all' },
  ])('$name quantizes in vLLM $version', ({ name, version, weights, reaches }) => {
    expect(resolve(name, host(version))).toMatchObject({ precision: { flag: name, by: 'engine', weights, reaches } });
  });

  // Seen on vLLM 0.32 on a CPU: a dense model runs in BF16, and the exit code is 0.
  test.each([
    { name: 'nvfp4_per_token', version: '0.32.0' },
    { name: 'nvfp4_per_token', version: '0.26.0' },
    { name: 'int8_per_channel_weight_only', version: '0.32.0' },
    { name: 'experts_int8', version: '0.32.0' },
    { name: 'experts_int8', version: '0.8.5' },
  ])('$name is refused for a dense model in vLLM $version', ({ name, version }) => {
    expect(flag(name, host(version))).toMatch(
      new RegExp(`^refused: ${name} reaches only the experts .* in BF16 without a word\\. Use `),
    );
    expect(resolve(name, host(version, { size: MOE }))).toMatchObject({
      precision: { flag: name, reaches: 'experts' },
    });
  });

  test.each(['0.10.2', '0.12.0', '0.27.1'])('mxfp4 reaches no plain checkpoint in vLLM %s', (version) => {
    expect(flag('mxfp4', host(version))).toMatch(
      /^refused: mxfp4 reaches no layer of a checkpoint that is not quantized/,
    );
    // mxfp4.py of 0.10.2, line 141: raise NotImplementedError.
    expect(flag('mxfp4', host(version))).toContain(
      version === '0.10.2' ? 'which fails with NotImplementedError' : 'which would run it in BF16',
    );
    // It may be one in MXFP4: nothing is known of it.
    expect(resolve('mxfp4', { capabilities: vllm(version) })).toMatchObject({ precision: { by: 'checkpoint' } });
  });

  test.each(['constructor', 'toString', '__proto__'])('%s is none', (name) => {
    const unlisted = { ...vllm('0.32.0'), quantization: [] };
    for (const changes of [{}, stored('fp8', 'fp8')]) {
      expect(() => resolve(name, { ...host('0.32.0', changes), capabilities: unlisted })).not.toThrow();
      expect(flag(name, host('0.32.0', changes))).toMatch(/^refused/);
    }
  });

  test('that takes its scheme from another flag is given as it is, with that flag', () => {
    const extra_args = ['--quantization-config', '{"linear": "fp8_per_block"}'];
    expect(resolve('online', host('0.32.0'), { extra_args })).toMatchObject({
      precision: { flag: 'online', by: 'engine', weights: 'other' },
    });
    expect(flag('online', host('0.32.0'))).toMatch(/^refused: online takes its scheme from --quantization-config/);
  });

  test.each([
    { name: 'moe_wna16', version: '0.32.0' },
    { name: 'inc', version: '0.32.0' },
    { name: 'torchao', version: '0.32.0' },
    // PTPCFp8Config of 0.13.0: only on ROCm.
    { name: 'ptpc_fp8', version: '0.13.0' },
  ])('$name makes nothing of a plain checkpoint in vLLM $version', ({ name, version }) => {
    expect(flag(name, host(version))).toMatch(
      new RegExp(`^refused: vLLM ${version} quantizes no checkpoint as ${name} while it loads one`),
    );
    // It may be one that is quantized so: nothing is known of it.
    expect(flag(name, { capabilities: vllm(version) })).toBe(name);
  });

  test('that no table of vLLM’s lists, and that makes something all the same', () => {
    for (const name of ['humming', 'deepseek_v4_fp8']) expect(flag(name, host('0.32.0'))).toBe(name);
    expect(flag('ptpc_fp8', host('0.13.0', {}, AMD))).toBe('ptpc_fp8');
  });

  test('that vLLM does not have is refused with the nearest', () => {
    expect(flag('fp8_per_tesnor', host('0.32.0'))).toMatch(
      /^refused: .*has no quantization called fp8_per_tesnor\. .* is fp8_per_tensor$/,
    );
    expect(flag('nvfp4_per_token', host('0.25.1', { size: MOE }))).toMatch(
      /^refused: vLLM 0\.25\.1 has no quantization/,
    );
    expect(flag('nvfp4', host('0.32.0'))).toMatch(/^refused/);
  });

  test('of a format of checkpoints is refused for a plain one', () => {
    for (const name of ['awq', 'gptq', 'modelopt_fp4', 'compressed-tensors'])
      expect(flag(name, host('0.32.0'))).toMatch(new RegExp(`^refused: ${name} is a format of checkpoints`));
    // Of a model that is not here nothing is known.
    expect(resolve('awq', { capabilities: vllm('0.32.0') })).toMatchObject({
      precision: { flag: 'awq', by: 'checkpoint' },
    });
  });

  test('that needs newer units is refused without them', () => {
    expect(flag('nvfp4_per_token', host('0.32.0', { size: MOE }, gpu('9.0')))).toMatch(
      /^refused: .*compute capability 10/,
    );
    // Per-token FP8 activations have no Marlin kernel.
    expect(flag('fp8_per_channel', host('0.32.0', {}, gpu('8.0')))).toMatch(/^refused: .*8\.9/);
    expect(flag('fp8_per_channel', host('0.32.0', {}, gpu('8.9')))).toBe('fp8_per_channel');
  });

  test('that vLLM is about to drop is refused unless args allow it', () => {
    const facts = host('0.15.1', { size: MOE });
    expect(flag('experts_int8', facts)).toMatch(/^refused: vLLM 0\.15\.1 refuses experts_int8/);
    expect(flag('experts_int8', facts, { extra_args: ['--allow-deprecated-quantization'] })).toBe('experts_int8');
  });
});

describe('versions are compared by their numbers', () => {
  test.each([
    { version: '0.9.2', at: [0, 14, 0], is: false },
    { version: '0.14.0', at: [0, 14, 0], is: true },
    { version: '0.100.0', at: [0, 14, 0], is: true },
    { version: '1.0.0', at: [0, 14, 0], is: true },
    { version: '0.14.0rc1.dev3+g1234.cu129', at: [0, 14, 0], is: true },
    { version: '0.10.1.1', at: [0, 10, 2], is: false },
    { version: '0.10.2+cpu', at: [0, 10, 2], is: true },
    { version: '0.11', at: [0, 10, 2], is: true },
    { version: '0.10', at: [0, 10, 2], is: false },
    // A source tree without a version is new more often than old.
    { version: 'unknown', at: [0, 14, 0], is: true },
  ] as const)('$version at least $at: $is', ({ version, at, is }) => {
    expect(atLeast(version, at[0], at[1], at[2])).toBe(is);
  });
});
