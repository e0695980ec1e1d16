import { describe, expect, test } from 'vitest';
import { runOf } from '../config/definition.ts';
import { onlyJob, planOf, vllm } from '../plan/plans.ts';
import { commandOf, commandsOf, DIRECTORY, flagsOf } from './commands.ts';

const run = (...lines: string[]) => runOf('mode: vllm_throughput', 'model: m', 'driver: stock', ...lines);
const codegen = 'workloads: codegen-high-cache';
const chat = 'length_configs: [{input_len: 128, output_len: 32}]';
const lengthFlags = (version: string, ...lines: string[]) =>
  flagsOf(commandOf(run(...lines), { capabilities: vllm(version) })).filter((flag) =>
    /(in|out)put-len|prefix-len/.test(flag),
  );

describe('the command of vLLM’s own benchmark', () => {
  test('is stock.py of docs/driver-protocol.md, for one measurement', () => {
    const { file, args, files } = commandOf(run(chat));
    const { id } = onlyJob(planOf(run(chat)));
    expect([file, ...args.slice(0, args.indexOf('--'))]).toEqual([
      ...['/env/bin/python', '/pkg/drivers/stock.py'],
      ...['--job', id, '--run-name', 'a_TP-1_ISL-128_OSL-32', '--repeat', '0'],
      ...['--output-json', `${DIRECTORY}/${id}.r0.output.json`],
    ]);
    expect(files).toEqual({});
  });

  test('is one process for each repeat, with names of their own', () => {
    const outputs = commandsOf(run(chat, 'repeats: 3')).map(({ args }) => args[args.indexOf('--output-json') + 1]);
    expect(outputs).toHaveLength(3);
  });

  test('names a script by its path', () => {
    const { args } = commandOf(run(chat).replace('driver: stock', 'driver: /opt/bt.py'));
    expect(args.slice(0, 3)).toEqual(['/pkg/drivers/stock.py', '--script', '/opt/bt.py']);
  });

  test('gives the same engine flags as the resident driver, but for the slack in the length', () => {
    const engine = (text: string) => flagsOf(commandOf(text)).filter((flag) => !/max-model-len/.test(flag));
    const resident = engine(run(chat, 'args: --enforce-eager').replace('driver: stock', 'driver: resident'));
    expect(engine(run(chat, 'args: --enforce-eager')).slice(0, resident.length)).toEqual(resident);
  });

  test('says what it is asked to do: dataset, prompts, warm-up, seed', () => {
    expect(flagsOf(commandOf(run(chat, 'num_prompts: 9', 'warmups: 3', 'seed: 4')))).toEqual(
      expect.arrayContaining(['--dataset-name random', '--num-prompts 9', '--num-warmups 3', '--seed 4']),
    );
  });
});

describe('the lengths of vLLM’s own benchmark', () => {
  test.each(['0.14.0', '0.28.0', '0.32.0'])('are random-lengths in vLLM %s, which ignores the old ones', (version) => {
    expect(lengthFlags(version, chat)).toEqual([
      '--random-input-len 128',
      '--random-output-len 32',
      '--random-prefix-len 0',
    ]);
  });

  test.each(['0.8.5', '0.13.0'])('are the old ones in vLLM %s, which has no others', (version) => {
    expect(lengthFlags(version, chat)).toEqual(['--input-len 128', '--output-len 32', '--prefix-len 0']);
  });

  test('are all three always: the defaults are 1024, 128 and 0', () => {
    for (const version of ['0.10.2', '0.32.0']) expect(lengthFlags(version, codegen)).toHaveLength(3);
  });

  test('of an inclusive prefix leave the rest to the input', () => {
    // 8192 - 7900
    expect(lengthFlags('0.32.0', codegen)).toEqual([
      '--random-input-len 292',
      '--random-output-len 2048',
      '--random-prefix-len 7900',
    ]);
  });

  test('of an additive prefix are passed on as they are', () => {
    expect(lengthFlags('0.32.0', codegen, 'prefix_mode: additive')).toEqual([
      '--random-input-len 8192',
      '--random-output-len 2048',
      '--random-prefix-len 7900',
    ]);
  });
});

describe('what vLLM’s own benchmark cannot do is not said to be done', () => {
  test('it sends no prefix beforehand', () => {
    expect(onlyJob(planOf(run(codegen, 'prefix_state: warm'))).workload.prefix_state).toBe('cold');
  });

  test('before 0.22 it does not warm up', () => {
    const facts = { capabilities: vllm('0.21.0'), checkpoints: [], devices: null };
    expect(onlyJob(planOf(run(chat, 'warmups: 5'), facts)).workload.warmups).toBe(0);
    expect(flagsOf(commandOf(run(chat, 'warmups: 5'), facts)).join(' ')).not.toContain('warmups');
  });
});
