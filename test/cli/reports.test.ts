import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesIn, point } from '../run/runs.ts';
import { definition, host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

const python = ['--python', STAND_IN_PYTHON];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** An entry as the original tool writes it, and nothing more. */
const original = (input: number, tp: number, tokens: number | string) => ({
  run_name: `chat_TP-${tp}_ISL-${input}_OSL-128`,
  mode: 'vllm_throughput',
  config: {
    ...{ model: 'meta-llama/Llama-3.1-70B-Instruct', 'num-prompts': 1000, quantization: 'fp8' },
    ...{
      'tensor-parallel-size': tp,
      'input-len': input,
      'output-len': 128,
      'prefix-len': 0,
      'max-model-len': input + 129,
    },
  },
  results: {
    ...{
      throughput_req_per_sec: 12.5,
      throughput_total_tokens_per_sec: tokens,
      throughput_output_tokens_per_sec: tokens,
    },
    ...{ avg_ttft_s: 0.5, p99_ttft_s: 0.9, avg_tpot_tokens_per_s: 40.5, p99_tpot_tokens_per_s: 55.25 },
    ...{ total_prompt_tokens: 1000 * input, total_output_tokens: 128_000 },
  },
  client_log_file: 'client_logs_20250625_120000/1_chat_vllm_script.log',
  status: 'SUCCESS',
});

describe('visualize', () => {
  test('draws from a file of the original tool, beside it', async () => {
    const on = host();
    mkdirSync(join(on.cwd, 'old'));
    const failed = { ...original(4096, 8, 0), results: {}, status: 'EXECUTION_FAILED' };
    const entries = [original(1024, 4, 1600), original(1024, 8, 2900), original(2048, 8, '2500.5'), failed];
    on.write('old/summary_report.json', JSON.stringify(entries, null, 4));
    const { code, stdout, stderr } = await orchestrate(on, ['visualize', 'old/summary_report.json']);
    expect([code, stderr]).toEqual([0, '']);
    const model = join(on.cwd, 'old', 'meta-llama_Llama-3.1-70B-Instruct');
    expect(stdout.trim().split('\n').toSorted()).toEqual(
      readdirSync(model)
        .map((name) => join(model, name))
        .toSorted(),
    );
    for (const chart of ['throughput', 'ttft', 'decode_speed']) {
      const png = readFileSync(join(model, `${chart}_by_seqlen_and_tp.png`));
      expect([...png.subarray(0, 8)]).toEqual(PNG);
      expect(png.length).toBeGreaterThan(10_000);
    }
    const svg = readFileSync(join(model, 'throughput_by_seqlen_and_tp.svg'), 'utf8');
    expect(svg).toContain('meta-llama/Llama-3.1-70B-Instruct');
    expect(on.calls()).toEqual([]);
  });

  test('draws what a run drew, from its JSON alone', async () => {
    const on = host();
    await orchestrate(on, [on.write('a.yaml', definition(point('measures'), point('measures-2', 16))), ...python]);
    mkdirSync(join(on.cwd, 'alone'));
    cpSync(join(on.cwd, 'results/a/summary_report.json'), join(on.cwd, 'alone/summary_report.json'));
    const { code } = await orchestrate(on, ['visualize', 'alone/summary_report.json'], { env: { PATH: '/nowhere' } });
    expect(code).toBe(0);
    const charts = filesIn(join(on.cwd, 'alone')).filter((path) => path.startsWith('stand-in_model/'));
    expect(charts.length).toBeGreaterThan(4);
    for (const chart of charts) {
      const [drawn, again] = ['results/a', 'alone'].map((folder) => readFileSync(join(on.cwd, folder, chart)));
      expect(again).toEqual(drawn);
    }
  });

  test('draws elsewhere when it is told', async () => {
    const on = host();
    on.write('summary_report.json', JSON.stringify([original(1024, 8, 2900)]));
    await orchestrate(on, ['visualize', 'summary_report.json', '--output-dir', 'charts']);
    expect(readdirSync(on.cwd)).toEqual(['charts', 'summary_report.json']);
  });

  test.each([
    { what: 'no JSON', text: 'hello', says: 'it is not JSON' },
    { what: 'no array', text: '{}', says: 'not a JSON array' },
    { what: 'of a later version', text: JSON.stringify([{ ...original(8, 1, 1), schema: 99 }]), says: 'schema 99' },
    { what: 'without a point that can be drawn', text: '[]', says: 'no point of it can be drawn' },
  ])('a file that is $what is wrong usage', async ({ text, says }) => {
    const on = host();
    const { code, stdout, stderr } = await orchestrate(on, ['visualize', on.write('a.json', text)]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(readdirSync(on.cwd)).toEqual(['a.json']);
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await orchestrate(host(), ['visualize', 'nowhere.json']);
    expect(code).toBe(2);
    expect(stderr).toContain('nowhere.json');
  });
});

describe('report', () => {
  test('makes the reports of a run again, byte for byte, from its files alone', async () => {
    const on = host();
    const runs = [point('measures', 8, { repeats: 2 }), point('job-failed', 16), point('measures-other', 24)];
    await orchestrate(on, [on.write('a.yaml', definition(...runs)), ...python]);
    const out = join(on.cwd, 'results/a');
    const made = filesIn(out).filter((path) => /^(?:summary_report|benchmark_summary|stand-in_model\/)/.test(path));
    const before = made.map((path) => readFileSync(join(out, path)));
    for (const path of made) rmSync(join(out, path));
    rmSync(join(out, 'records'), { recursive: true });
    const { code, stdout } = await orchestrate(on, ['report', 'results/a'], { env: { PATH: '/nowhere' } });
    expect(code).toBe(0);
    expect(stdout).toContain('3 points: 1 valid, 1 invalid, 1 failed');
    expect(made.map((path) => readFileSync(join(out, path)))).toEqual(before);
    expect(made.length).toBeGreaterThan(6);
  });

  test.each([
    { what: 'a folder of no run', name: '.', says: 'it has no plan.json' },
    { what: 'no folder at all', name: 'nowhere', says: 'it has no plan.json' },
  ])('of $what is wrong usage', async ({ name, says }) => {
    const on = host();
    const { code, stdout, stderr } = await orchestrate(on, ['report', name]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(readdirSync(on.cwd)).toEqual([]);
  });

  test.each(['{', '{"schema": 1}'])('of a plan that cannot be read says so: %j', async (text) => {
    const on = host();
    writeFileSync(join(on.cwd, 'plan.json'), text);
    const { code, stderr } = await orchestrate(on, ['report', '.']);
    expect(code).toBe(5);
    expect(stderr).toContain(`${join(on.cwd, 'plan.json')}`);
    expect(readdirSync(on.cwd)).toEqual(['plan.json']);
  });
});
