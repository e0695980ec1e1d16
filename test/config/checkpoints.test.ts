import { describe, expect, test } from 'vitest';
import { configOf, found, goodRun, problemsOf, runOf, specOf } from './definition.ts';

const TWO = 'quantization: [fp8, fp4]';

describe('checkpoints are a map of precisions', () => {
  test('that are asked for', () => {
    const spec = specOf(goodRun(TWO, 'checkpoints: {fp8: org/m-FP8, fp4: /models/m-NVFP4}'));
    expect(spec.checkpoints).toEqual({ fp8: 'org/m-FP8', fp4: '/models/m-NVFP4' });
    expect(specOf(goodRun('quantization: [none, fp8]', 'checkpoints: {none: m-BF16}')).checkpoints).toEqual({
      none: 'm-BF16',
    });
    expect(problemsOf(goodRun('args: -q fp8', 'checkpoints: {fp8: x}'))).toEqual([]);
  });

  test('of one that is not asked for, the nearest is named', () => {
    const { marked, places, messages, hints } = found(goodRun(TWO, 'checkpoints: {fp8: x, «pf4»: y}'));
    expect(places).toEqual(marked);
    expect(messages).toEqual(['checkpoints has "pf4", which is none of the precisions that are asked for']);
    expect(hints).toEqual(['did you mean fp4? quantization is fp8, fp4']);
  });

  test.each(['model: m', 'quantization: auto'])('without a precision (%s) the axis is missing', (line) => {
    const lines = ['mode: vllm_throughput', 'workloads: [chatbot]', line];
    const model = line.startsWith('model') ? [] : ['model: m'];
    const { marked, places, hints } = found(runOf(...lines, ...model, 'checkpoints: {«fp8»: x, «fp4»: y}'));
    expect(places).toEqual(marked);
    expect(hints).toEqual(Array(2).fill('write the precisions too: quantization: [fp8, fp4]'));
  });

  test('auto is no precision that a checkpoint could have', () => {
    for (const line of ['quantization: auto', TWO, 'repeats: 1']) {
      const { marked, places, hints } = found(goodRun(line, 'checkpoints: {«auto»: x}'));
      expect(places).toEqual(marked);
      expect(hints).toEqual([expect.stringMatching(/^auto is whatever the model itself is; write the precision/)]);
    }
  });

  test('a precision that is wrong itself is not complained about twice', () => {
    const { marked, places } = found(goodRun('quantization: «3»', 'checkpoints: {fp8: x}'));
    expect(places).toEqual(marked);
  });

  test.each(['constructor', 'toString'])('%s is a name like any other', (name) => {
    expect(problemsOf(goodRun(TWO, `checkpoints: {"${name}": x}`))).toHaveLength(1);
  });
});

describe('checkpoints are of one model', () => {
  test('a swept model is an error that says how to write it', () => {
    const text = goodRun(TWO, '«checkpoints»: {fp8: x}').replace('model: m', 'model: [m, n]');
    const { marked, places, messages, hints } = found(text);
    expect(places).toEqual(marked);
    expect(messages).toEqual(['checkpoints are of one model, and here 2 models would share them']);
    expect(hints).toEqual([expect.stringContaining('write a run for each model')]);
  });

  const runs = (...models: string[]) =>
    `standalone_runs:\n${models.map((model, index) => `  - {name: r${index}, model: ${model}}\n`).join('')}`;
  const defaults = (checkpoints: string) =>
    `defaults: {mode: vllm_throughput, workloads: [chatbot], ${TWO}, ${checkpoints}}\n`;

  test('those of the defaults are for all runs that have none of their own', () => {
    const text = defaults('checkpoints: {fp8: x}') + runs('m', 'm');
    expect(configOf(text).runs.map(({ checkpoints }) => checkpoints)).toEqual([{ fp8: 'x' }, { fp8: 'x' }]);
  });

  test('runs of two models cannot inherit one map', () => {
    const { marked, places } = found(defaults('«checkpoints»: {fp8: x}') + runs('m', 'n'));
    expect(places).toEqual(marked);
    const own = runs('m', 'n').replace('model: n', 'model: n, checkpoints: {fp8: y}');
    expect(problemsOf(defaults('checkpoints: {fp8: x}') + own)).toEqual([]);
  });

  test('a precision of the defaults that no run asks for is said once', () => {
    const { marked, places } = found(defaults('checkpoints: {fp8: x, «fp5»: y}') + runs('m', 'm'));
    expect(places).toEqual(marked);
    const narrower = runs('m', 'm').replace('model: m', 'model: m, quantization: fp8');
    expect(problemsOf(defaults('checkpoints: {fp8: x, fp4: y}') + narrower)).toEqual([]);
  });
});
