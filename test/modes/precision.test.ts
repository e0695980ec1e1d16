import { describe, expect, test } from 'vitest';
import { atLeast, precisionFlag } from '../../src/modes/precision.ts';
import type { Facts } from '../../src/schema/facts.ts';
import { runOf } from '../config/definition.ts';
import { checkpoint, NO_FACTS, quantizedWith, vllm } from '../plan/plans.ts';
import { commandOf, flagsOf } from './commands.ts';

function flag(quantization: string | null, facts: Partial<Facts>) {
  return precisionFlag({ model: 'm', quantization }, { ...NO_FACTS, ...facts });
}
const quantized = (quant_method: string) => ({
  checkpoints: [checkpoint({ quantization: quantizedWith(quant_method) })],
  capabilities: vllm('0.32.0'),
});

/** shared facts on vLLM, section 3.3: what is right for a BF16 checkpoint. */
describe('a precision of a checkpoint that is not quantized', () => {
  test.each([
    { version: '0.8.5', fp8: 'fp8' },
    { version: '0.19.1', fp8: 'fp8' },
    { version: '0.30.0', fp8: 'fp8' },
    { version: '0.31.0', fp8: 'fp8_per_tensor' },
    { version: '0.32.0', fp8: 'fp8_per_tensor' },
    { version: '0.32.1.dev5+gabc.cpu', fp8: 'fp8_per_tensor' },
    { version: '1.0.0', fp8: 'fp8_per_tensor' },
  ])('fp8 is $fp8 in vLLM $version', ({ version, fp8 }) => {
    expect(flag('fp8', { capabilities: vllm(version) })).toEqual({ flag: fp8 });
  });

  test.each(['0.28.0', '0.32.0'])('fp4 is mxfp4 in vLLM %s', (version) => {
    expect(flag('fp4', { capabilities: vllm(version) })).toEqual({ flag: 'mxfp4' });
  });

  // Before 0.28 `mxfp4` of a dense model runs in BF16 without a word (the silent traps of section 3.3).
  test.each(['0.8.5', '0.12.0', '0.27.1'])('fp4 is refused in vLLM %s', (version) => {
    expect(flag('fp4', { capabilities: vllm(version) })).toEqual({ refused: expect.stringContaining(version) });
  });

  test.each(['awq', 'fp8_per_block', 'nvfp4_per_token', 'modelopt_fp4'])('%s is vLLM’s own name', (name) => {
    expect(flag(name, { capabilities: vllm('0.20.2') })).toEqual({ flag: name });
  });

  test('none is no flag', () => {
    expect(flag(null, { capabilities: vllm('0.32.0') })).toEqual({ flag: null });
  });

  test('of an unknown vLLM is that of the newest', () => {
    expect(flag('fp8', {})).toEqual({ flag: 'fp8_per_tensor' });
    expect(flag('fp4', {})).toEqual({ flag: 'mxfp4' });
  });
});

describe('a checkpoint that is quantized', () => {
  test.each([
    { asked: 'fp8', method: 'fp8' },
    { asked: 'fp8', method: 'compressed-tensors' },
    { asked: 'fp8', method: 'modelopt' },
    { asked: 'fp4', method: 'mxfp4' },
    { asked: 'fp4', method: 'modelopt_fp4' },
    { asked: 'fp4', method: 'compressed-tensors' },
  ])('in $method says itself that it is $asked: vLLM gets no flag', ({ asked, method }) => {
    expect(flag(asked, quantized(method))).toEqual({ flag: null });
  });

  test.each([
    { asked: 'fp8', method: 'awq' },
    { asked: 'fp8', method: 'mxfp4' },
    { asked: 'fp4', method: 'fp8' },
    { asked: 'fp4', method: 'gptq' },
  ])('in $method cannot be run as $asked', ({ asked, method }) => {
    expect(flag(asked, quantized(method))).toEqual({ refused: expect.stringContaining(method) });
  });

  test('in FP4 needs no online FP4 of vLLM', () => {
    const facts = {
      checkpoints: [checkpoint({ quantization: quantizedWith('modelopt_fp4') })],
      capabilities: vllm('0.10.2'),
    };
    expect(flag('fp4', facts)).toEqual({ flag: null });
  });

  test('is not that of another model', () => {
    const facts = {
      checkpoints: [checkpoint({ model: 'other', quantization: quantizedWith('awq') })],
      capabilities: vllm('0.32.0'),
    };
    expect(flag('fp8', facts)).toEqual({ flag: 'fp8_per_tensor' });
  });
});

describe('the command line', () => {
  const text = (quantization: string) =>
    runOf('mode: vllm_throughput', 'model: m', 'workloads: [chatbot]', `quantization: ${quantization}`);
  const flags = (quantization: string, facts: Partial<Facts>) =>
    flagsOf(commandOf(text(quantization), facts)).filter((word) => word.startsWith('--quantization'));

  test('has the flag that the version needs, once', () => {
    expect(flags('fp8', { capabilities: vllm('0.32.0') })).toEqual(['--quantization fp8_per_tensor']);
    expect(flags('fp8', { capabilities: vllm('0.20.2') })).toEqual(['--quantization fp8']);
  });

  test('has none for none, and none for a checkpoint that says it itself', () => {
    expect(flags('none', {})).toEqual([]);
    expect(flags('fp8', quantized('fp8'))).toEqual([]);
  });
});

describe('versions are compared by their numbers', () => {
  test.each([
    { version: '0.9.2', at: [0, 14], is: false },
    { version: '0.14.0', at: [0, 14], is: true },
    { version: '0.100.0', at: [0, 14], is: true },
    { version: '1.0.0', at: [0, 14], is: true },
    { version: '0.14.0rc1.dev3+g1234.cu129', at: [0, 14], is: true },
    // A source tree without a version is new more often than old.
    { version: 'unknown', at: [0, 14], is: true },
  ] as const)('$version at least $at: $is', ({ version, at, is }) => {
    expect(atLeast(version, at[0], at[1])).toBe(is);
  });
});
