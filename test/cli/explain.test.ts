import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { METRICS } from '../../src/schema/metrics.ts';
import { host, orchestrate } from './shell.ts';

const explain = (...words: string[]) => orchestrate(host(), ['explain', ...words]);

describe('explain', () => {
  test('without a word lists every metric with unit and direction', async () => {
    const { code, stdout, stderr } = await explain();
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + Object.keys(METRICS).length);
    expect(stdout).toMatch(/^ttft_s +TTFT +s +lower$/m);
    expect(stdout).toMatch(/^output_throughput_tps +Output throughput +tok\/s +higher$/m);
  });

  test('a metric: unit, direction, definition, source, where it is written, and other names', async () => {
    const { code, stdout } = await explain('tpot_s');
    expect(code).toBe(0);
    expect(stdout).toContain('tpot_s: TPOT, in s, lower is better\n  (last_token_ts - first_token_ts) / (n - 1)');
    expect(stdout).toContain('formula: vllm/v1/metrics/stats.py');
    expect(stdout).toContain('summary_report.json, results: tpot_s, p50_tpot_s');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'GuideLLM: time_per_output_token_ms – the first token is in it: (last token - start) / n',
    );
  });

  test('a key says what it is of its metric', async () => {
    const { stdout } = await explain('ttft_s_p99');
    expect(stdout).toMatch(/^ttft_s_p99: TTFT, 99th percentile over the requests of a sample\n/);
    expect(stdout).toContain('ttft_s: TTFT, in s');
  });

  test('another tool’s name says whose it is, what ours is, and how theirs differs', async () => {
    const { stdout } = await explain('tput_per_gpu');
    expect(stdout.replaceAll('\n', ' ')).toContain(
      'tput_per_gpu: InferenceX’s name. The nearest of ours is total_throughput_tps (Total throughput). ' +
        'How theirs differs: counts input and output, divided by the number of GPUs.',
    );
    const itl = await explain('inter_token_latency');
    expect(itl.stdout).toContain('inter_token_latency: AIPerf’s name. Ours is tpot_s (TPOT).');
  });

  test('a column that is no metric', async () => {
    const { stdout } = await explain('validity');
    expect(stdout).toBe('validity: valid, invalid, failed, skipped or not-run\n');
  });

  test('an unknown word is wrong usage, with the nearest', async () => {
    const { code, stdout, stderr } = await explain('ttft_s_p98');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('ttft_s_p98 is no metric');
    expect(stderr).toContain('the nearest is ttft_s_p9');
  });

  test('suggests nothing that shares less than half of the word', async () => {
    const { code, stderr } = await explain('foo');
    expect(code).toBe(2);
    expect(stderr).not.toContain('nearest');
    expect(stderr).toContain('lists the metrics');
    expect((await explain('drfit')).stderr).toContain('the nearest is drift');
  });

  test.each(Object.keys(METRICS))('%s fits 80 columns', async (id) => {
    const { stdout } = await explain(id);
    for (const line of stdout.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  });

  test('--json is one object with the metrics', async () => {
    const one = JSON.parse((await explain('tput_per_gpu', '--json')).stdout);
    expect(one).toMatchObject({
      word: 'tput_per_gpu',
      uses: [{ tool: 'InferenceX', metric: 'total_throughput_tps' }],
      metrics: [{ id: 'total_throughput_tps', unit: 'tok/s', better: 'higher' }],
    });
    expect(JSON.parse((await explain('--json')).stdout).metrics).toHaveLength(Object.keys(METRICS).length);
    expect(JSON.parse((await explain('validity', '--json')).stdout)).toMatchObject({
      metrics: [],
      meaning: expect.any(String),
    });
  });
});
