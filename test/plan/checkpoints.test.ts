import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/schema/facts.ts';
import { runOf } from '../config/definition.ts';
import { commandsOf, flagsOf } from '../modes/commands.ts';
import { B200S, checkpoint, jobs, planOf, quantizedWith, vllm } from './plans.ts';

const MAP = 'checkpoints: {fp8: org/m-FP8, fp4: ./m-NVFP4}';
const run = (...lines: string[]) => runOf('mode: vllm_throughput', 'model: org/m', 'workloads: [chatbot]', ...lines);
const THREE = run('quantization: [none, fp8, fp4]', MAP);

const FACTS: Facts = {
  capabilities: vllm('0.20.2'),
  checkpoints: [
    checkpoint({ model: 'org/m', config_sha256: 'a' }),
    checkpoint({ model: 'org/m-FP8', config_sha256: 'b', quantization: quantizedWith('compressed-tensors', 'fp8') }),
    checkpoint({ model: './m-NVFP4', config_sha256: 'c', quantization: quantizedWith('modelopt_fp4', 'nvfp4') }),
  ],
  devices: B200S,
};

describe('one run compares precisions that live in different checkpoints', () => {
  test('each precision has its checkpoint, and all of them the model as their name', () => {
    expect(
      planOf(THREE, FACTS).launches.map(({ engine }) => [engine.model, engine.quantization, engine.checkpoint]),
    ).toEqual([
      ['org/m', null, null],
      ['org/m', 'fp8', 'org/m-FP8'],
      ['org/m', 'fp4', './m-NVFP4'],
    ]);
  });

  test('vLLM is given the checkpoint, and no flag beside it', () => {
    const flags = commandsOf(THREE, FACTS).map((command) =>
      flagsOf(command).filter((flag) => /^--(?:model|quantization) /.test(flag)),
    );
    expect(flags).toEqual([['--model org/m'], ['--model org/m-FP8'], ['--model ./m-NVFP4']]);
  });

  test('on a vLLM that has no FP4 of its own nothing is skipped', () => {
    expect(planOf(THREE, FACTS).skipped).toEqual([]);
    expect(planOf(run('quantization: [none, fp8, fp4]'), FACTS).skipped).toHaveLength(1);
  });

  test('names and ids differ', () => {
    const all = jobs(planOf(THREE, FACTS));
    expect(all.map(({ run_name }) => run_name)).toEqual(
      ['none', 'fp8', 'fp4'].map((precision) => `a_TP-1_Q-${precision}_ISL-1024_OSL-1024`),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(3);
  });

  test('a checkpoint for none replaces the model’s own files', () => {
    const [launch] = planOf(run('quantization: none', 'checkpoints: {none: org/m-BF16}')).launches;
    expect(launch?.engine).toMatchObject({ model: 'org/m', quantization: null, checkpoint: 'org/m-BF16' });
  });

  test('a precision that is called like something of every object has no checkpoint', () => {
    const [launch] = planOf(run('quantization: [constructor, fp8]', 'checkpoints: {fp8: x}')).launches;
    expect(launch?.engine.checkpoint).toBeNull();
  });
});

describe('the id of a job', () => {
  const idOf = (text: string, facts: Facts) => jobs(planOf(text, facts)).map(({ id }) => id);
  const changed = (model: string): Facts => ({
    ...FACTS,
    checkpoints: FACTS.checkpoints.map((item) => (item.model === model ? { ...item, config_sha256: 'changed' } : item)),
  });

  test('has the configuration of the checkpoint that is run', () => {
    const fp8 = run('quantization: fp8', MAP.replace(', fp4: ./m-NVFP4', ''));
    expect(idOf(fp8, changed('org/m-FP8'))).not.toEqual(idOf(fp8, FACTS));
    expect(idOf(fp8, changed('org/m'))).toEqual(idOf(fp8, FACTS));
  });

  test('is another one for the same precision from another checkpoint', () => {
    const fp8 = (where: string) => run('quantization: fp8', `checkpoints: {fp8: ${where}}`);
    expect(idOf(fp8('org/m-FP8'), FACTS)).not.toEqual(idOf(fp8('org/m-FP8-dynamic'), FACTS));
  });
});

describe('a run that asks for no precision', () => {
  const own: Facts = {
    ...FACTS,
    checkpoints: [checkpoint({ model: 'org/m', quantization: quantizedWith('fp8', 'fp8') })],
  };

  test('has the one that its checkpoint has, and says so', () => {
    const [launch] = planOf(run(), own).launches;
    expect(launch?.engine.quantization).toBe('fp8');
    expect(launch?.precision).toMatchObject({ flag: null, by: 'checkpoint', weights: 'fp8' });
    expect(planOf(run(), FACTS).launches[0]?.engine.quantization).toBeNull();
  });

  test('is the job of a run that asks for it by name', () => {
    const ids = (text: string) => jobs(planOf(text, own)).map(({ id }) => id);
    expect(ids(run())).toEqual(ids(run('quantization: fp8')));
    expect(ids(run('quantization: [auto, fp8]'))).toEqual(ids(run('quantization: fp8')));
  });

  test('is no run that asks for none, which such a checkpoint cannot be', () => {
    expect(planOf(run('quantization: none'), own).skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('none would not run it in BF16'),
    ]);
  });
});
