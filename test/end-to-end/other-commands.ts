import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn, readJson } from '../run/runs.ts';
import type { Entry } from './one-point.ts';
import { ENGINE, folderWith, IN_PROCESS, orchestrate, PYTHON, processesOf } from './program.ts';

export function otherCommands(): void {
  test('driver: stock, vLLM’s own benchmark', async () => {
    const folder = folderWith({
      ...{ name: 'stock', driver: 'stock', num_prompts: 32, env: IN_PROCESS },
      length_configs: [{ input_len: 128, output_len: 8 }],
    });
    const ended = await orchestrate(folder, ['a.yaml', '--output-dir', 'out', ...PYTHON]);
    expect(ended).toMatchObject({ code: 0 });
    const [entry] = readJson<Entry[]>(folder, 'out', 'summary_report.json');
    expect(entry).toMatchObject({ status: 'SUCCESS', validity: 'valid', config: { driver: 'stock' } });
    expect(entry?.results['total_output_tokens']).toBe(32 * 8);
    // Its prompts are texts, which come back from the tokenizer a few tokens longer or shorter.
    expect(Math.abs((entry?.results['total_prompt_tokens'] ?? 0) / (32 * 128) - 1)).toBeLessThan(0.02);
    expect(entry?.results['throughput_output_tokens_per_sec']).toBeGreaterThan(0);
    for (const field of ['avg_ttft_s', 'p99_ttft_s', 'avg_tpot_tokens_per_s', 'p99_tpot_tokens_per_s']) {
      expect(entry?.results[field]).toBeNull();
      expect(entry?.missing[field]).toContain('vllm bench throughput does not report it');
    }
    expect(processesOf(join(folder, 'out'))).toEqual([]);
  });

  test('run-single', async () => {
    const folder = folderWith({ name: 'unused' });
    const flags = [...ENGINE.split(' '), '--input-len', '24', '--output-len', '48', '--num-prompts', '4'];
    const words = ['run-single', '--run-name', 'solo', '--output-dir', 'out', '--json', ...PYTHON, '--', ...flags];
    const { code, stdout } = await orchestrate(folder, words, IN_PROCESS);
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(events.map(({ event }) => event)).toEqual([
      ...[
        'run_started',
        'attempt_started',
        'engine_ready',
        'measurement_began',
        'measured',
        'attempt_ended',
        'finished',
      ],
    ]);
    const [entry] = readJson<Entry[]>(folder, 'out', 'summary_report.json');
    expect(entry).toMatchObject({ run_name: 'solo_TP-1_ISL-24_OSL-48', status: 'SUCCESS' });
    expect(entry?.results).toMatchObject({ total_prompt_tokens: 4 * 24, total_output_tokens: 4 * 48 });
  });

  // The command gives src/drivers/datasets.py an option that it does not have, and paths without their folder.
  test('datasets: exact lengths, prefixes that are shared, and the same prompts for the same seed', async () => {
    const folder = folderWith({
      name: 'prompts',
      length_configs: [
        { input_len: 40, output_len: 8 },
        { input_len: 64, output_len: 8, prefix_len: 48 },
      ],
    });
    const make = (seed: string, directory: string) =>
      orchestrate(folder, [
        'datasets',
        'a.yaml',
        '--num-prompts',
        '12',
        '--seed',
        seed,
        '--output-dir',
        directory,
        ...PYTHON,
      ]);
    for (const [seed, directory] of [
      ['1', 'one'],
      ['1', 'again'],
      ['2', 'other'],
    ] as const)
      expect(await make(seed, directory)).toMatchObject({ code: 0 });
    const [plain, prefixed] = ['inlen40_outlen8_prefixlen0', 'inlen64_outlen8_prefixlen48'].map(
      (name) => `tiny-llama/${name}.json`,
    );
    expect(filesIn(join(folder, 'one'))).toEqual([plain, prefixed]);
    const idsOf = (directory: string, name = '') =>
      readJson<{ prompt_token_ids: number[] }[]>(folder, directory, name).map(
        ({ prompt_token_ids }) => prompt_token_ids,
      );
    expect(idsOf('one', plain).map(({ length }) => length)).toEqual(Array(12).fill(40));
    expect(idsOf('one', prefixed).map(({ length }) => length)).toEqual(Array(12).fill(64));
    const distinct = (prompts: readonly number[][]) => new Set(prompts.map((ids) => ids.join(' '))).size;
    expect(distinct(idsOf('one', prefixed).map((ids) => ids.slice(0, 48)))).toBe(1);
    expect(distinct(idsOf('one', prefixed).map((ids) => ids.slice(48)))).toBe(12);
    expect(distinct(idsOf('one', plain).map((ids) => ids.slice(0, 16)))).toBe(12);
    expect(idsOf('again', plain)).toEqual(idsOf('one', plain));
    expect(distinct([...idsOf('one', plain), ...idsOf('other', plain)])).toBe(24);
  });
}
