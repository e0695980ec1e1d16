import { describe, expect, test } from 'vitest';
import { LaunchFile } from '../../src/schema/driver-protocol.ts';
import { runOf } from '../config/definition.ts';
import { jobs, planOf } from '../plan/plans.ts';
import { commandOf, commandsOf, DIRECTORY, flagsOf } from './commands.ts';

const run = (...lines: string[]) => runOf('mode: vllm_throughput', ...lines);
const two = 'length_configs: [{input_len: 128, output_len: 32}, {input_len: 256, output_len: 64}]';

function launchFileOf(text: string): LaunchFile {
  return LaunchFile.parse(JSON.parse(commandOf(text).files['launch.json'] ?? ''));
}

describe('the command of the resident driver', () => {
  test('is the driver of docs/driver-protocol.md in the user’s Python', () => {
    const { file, args } = commandOf(run('model: m', two));
    expect(file).toBe('/env/bin/python');
    expect(args.slice(0, 4)).toEqual(['/pkg/drivers/resident.py', '--launch', `${DIRECTORY}/launch.json`, '--']);
  });

  test('gives the engine what was asked for, and nothing that was not', () => {
    expect(flagsOf(commandOf(run('model: m', two)))).toEqual([
      '--model m',
      '--tensor-parallel-size 1',
      // 256 + 64 + 1
      '--max-model-len 321',
      '--gpu-memory-utilization 0.9',
      '--no-enable-prefix-caching',
    ]);
  });

  test('gives every engine setting its flag', () => {
    const fields = [
      ...['quantization: awq', 'kv_cache_dtype: fp8', 'tensor_parallel_sizes: 4', 'pipeline_parallel_sizes: 2'],
      ...['max_num_seqs: 64', 'max_model_len: 4096', 'gpu_memory_utilization: 0.8', 'share_prefix_caching: true'],
    ];
    expect(flagsOf(commandOf(run('model: org/m', two, ...fields)))).toEqual([
      '--model org/m',
      '--tensor-parallel-size 4',
      '--pipeline-parallel-size 2',
      '--quantization awq',
      '--kv-cache-dtype fp8',
      '--max-num-seqs 64',
      '--max-model-len 4096',
      '--gpu-memory-utilization 0.8',
      '--enable-prefix-caching',
    ]);
  });

  test('ends with the user’s other words, in their order', () => {
    const { args } = commandOf(run(two, 'args: --b "two words" --model m --a=1 -tp 2 --flag'));
    expect(args.slice(-4)).toEqual(['--b', 'two words', '--a=1', '--flag']);
  });

  test('holds no length and no load: those are in the launch file', () => {
    const { args } = commandOf(run('model: m', two));
    expect(args.filter((word) => /input-len|output-len|prefix-len|num-prompts|dataset|seed/.test(word))).toEqual([]);
  });

  test('names a generated model by its path', () => {
    expect(flagsOf(commandOf(run('model: builtin:tiny', two)))[0]).toBe('--model /home/u/tiny');
  });

  test('has the environment of the run', () => {
    expect(commandOf(run('model: m', two, 'env: {VLLM_X: 1}')).env).toEqual({ VLLM_X: '1' });
  });
});

describe('the launch file', () => {
  test('is what the protocol says, with the ids and names of the plan', () => {
    const text = run('model: m', two);
    const file = launchFileOf(text);
    expect(file).toMatchObject({ protocol: 1, out_dir: DIRECTORY, launch_id: planOf(text).launches[0]?.id });
    expect(file.jobs.map(({ id, run_name }) => [id, run_name])).toEqual(
      jobs(planOf(text)).map(({ id, run_name }) => [id, run_name]),
    );
  });

  test('says a workload in the meaning of its lengths, whichever way they were written', () => {
    const lengths = (input: number) => `length_configs: [{input_len: ${input}, output_len: 2048, prefix_len: 7900}]`;
    const inclusive = launchFileOf(run('model: m', lengths(8192), 'seed: 5', 'warmups: 2', 'num_prompts: 7')).jobs[0];
    expect(inclusive).toMatchObject({
      prompt_len: 8192,
      shared_len: 7900,
      output_len: 2048,
      num_prefixes: 1,
      num_prompts: 7,
      prefix_state: 'warm',
      warmups: 2,
      seed: 5,
    });
    // vLLM's literal meaning: 7900 + 8192
    const additive = launchFileOf(run('model: m', lengths(8192), 'prefix_mode: additive')).jobs[0];
    expect(additive).toMatchObject({ prompt_len: 16092, shared_len: 7900 });
  });

  test('a point without a shared prefix has no prefix to send beforehand', () => {
    expect(launchFileOf(run('model: m', two)).jobs.map(({ prefix_state }) => prefix_state)).toEqual(['cold', 'cold']);
  });

  test('asks for the repeats round by round', () => {
    expect(launchFileOf(run('model: m', two, 'repeats: 2')).measurements).toEqual([
      { job: 0, repeat: 0 },
      { job: 1, repeat: 0 },
      { job: 0, repeat: 1 },
      { job: 1, repeat: 1 },
    ]);
  });

  test('of a second engine start asks for the same measurements', () => {
    const [first, second] = commandsOf(run('model: m', two, 'starts: 2')).map(({ files }) =>
      LaunchFile.parse(JSON.parse(files['launch.json'] ?? '')),
    );
    expect(second?.launch_id).not.toBe(first?.launch_id);
    expect({ ...second, launch_id: '' }).toEqual({ ...first, launch_id: '' });
  });
});
