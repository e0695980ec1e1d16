import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn, readJson } from '../run/runs.ts';
import { folderWith, IN_PROCESS, orchestrate, PYTHON, processesOf } from './program.ts';

export interface Entry {
  readonly run_name: string;
  readonly status: string;
  readonly validity: string;
  readonly config: Record<string, unknown>;
  readonly results: Record<string, number | null>;
  readonly missing: Record<string, string>;
  readonly client_log_file: string;
  readonly client_log_lines: [number, number];
  readonly environment: { readonly vllm_version: string };
}

const PNG = '89504e470d0a1a0a';
const NUM_PROMPTS = 8;
const INPUT = 32;
const OUTPUT = 8;

/** The source document's integration test, and what can be made from its files. */
export function onePoint(): void {
  test('a run definition with one run', async () => {
    const folder = folderWith({
      ...{ name: 'one', num_prompts: NUM_PROMPTS, tensor_parallel_sizes: [1], env: IN_PROCESS },
      length_configs: [{ input_len: INPUT, output_len: OUTPUT }],
    });
    const out = join(folder, 'out');
    const ended = await orchestrate(folder, ['a.yaml', '--output-dir', 'out', ...PYTHON]);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('1 point: 1 valid') });
    expect(processesOf(out)).toEqual([]);

    const [entry, ...others] = readJson<Entry[]>(out, 'summary_report.json');
    if (entry === undefined) throw new Error('no entry');
    expect(others).toEqual([]);
    theNewFields(entry);
    theLog(out, entry);
    theCsv(out, entry);
    theCharts(out);
    await madeAgain(folder);
  });
}

function theNewFields(entry: Entry): void {
  expect(entry).toMatchObject({
    ...{
      run_name: `one_TP-1_ISL-${INPUT}_OSL-${OUTPUT}`,
      mode: 'vllm_throughput',
      status: 'SUCCESS',
      validity: 'valid',
    },
    config: {
      ...{ model: 'builtin:tiny-llama', 'num-prompts': NUM_PROMPTS, 'tensor-parallel-size': 1 },
      ...{ 'input-len': INPUT, 'output-len': OUTPUT, 'prefix-len': 0, 'max-model-len': INPUT + OUTPUT + 1 },
    },
    environment: { vllm_version: expect.stringMatching(/^\d+\.\d+/) },
  });
  for (const field of [
    ...['avg_ttft_s', 'p99_ttft_s', 'avg_tpot_tokens_per_s', 'p99_tpot_tokens_per_s', 'tpot_s'],
    ...['throughput_req_per_sec', 'throughput_total_tokens_per_sec', 'throughput_output_tokens_per_sec'],
  ]) {
    expect({ field, value: entry.results[field] }).toEqual({ field, value: expect.any(Number) });
    expect(entry.results[field]).toBeGreaterThan(0);
  }
  const { results } = entry;
  const value = (field: string) => results[field] ?? Number.NaN;
  expect(results).toMatchObject({
    ...{ total_prompt_tokens: NUM_PROMPTS * INPUT, total_output_tokens: NUM_PROMPTS * OUTPUT, total_cached_tokens: 0 },
  });
  expect(value('p99_ttft_s')).toBeGreaterThanOrEqual(value('avg_ttft_s'));
  // No request takes longer than all of them together.
  expect(value('p99_ttft_s')).toBeLessThan(value('elapsed_s'));
  expect(value('throughput_req_per_sec') * value('elapsed_s')).toBeCloseTo(NUM_PROMPTS, 6);
  expect(value('throughput_output_tokens_per_sec')).toBeCloseTo(value('throughput_req_per_sec') * OUTPUT, 6);
  expect(value('throughput_total_tokens_per_sec')).toBeCloseTo(value('throughput_req_per_sec') * (INPUT + OUTPUT), 6);
}

/** The document's result lines, in the lines of the log that the entry names. */
function theLog(out: string, { client_log_file, client_log_lines: [from, to], results }: Entry): void {
  expect(client_log_file).toMatch(/^client_logs_\d{8}_\d{6}\/1_.*_vllm_script\.log$/);
  const log = readFileSync(join(out, client_log_file), 'utf8').split('\n');
  const own = log.slice(from - 1, to).join('\n');
  const number = (label: RegExp) => Number(label.exec(own)?.groups?.['value']);
  expect(number(/^Throughput: (?<value>\S+) requests\/s, \S+ total tokens\/s, \S+ output tokens\/s$/m)).toBeCloseTo(
    results['throughput_req_per_sec'] ?? 0,
    2,
  );
  expect(number(/^Total num prompt tokens: {2}(?<value>\d+)$/m)).toBe(NUM_PROMPTS * INPUT);
  expect(number(/^Total num output tokens: {2}(?<value>\d+)$/m)).toBe(NUM_PROMPTS * OUTPUT);
  expect(number(/^Average TTFT \(s\): (?<value>\S+)$/m)).toBeCloseTo(results['avg_ttft_s'] ?? 0, 5);
  expect(number(/^P99 TTFT \(s\): (?<value>\S+)$/m)).toBeCloseTo(results['p99_ttft_s'] ?? 0, 5);
  expect(number(/^Average TPOT \(tokens\/s\): (?<value>\S+)$/m)).toBeCloseTo(results['avg_tpot_tokens_per_s'] ?? 0, 3);
  expect(number(/^P99 TPOT \(tokens\/s\): (?<value>\S+)$/m)).toBeCloseTo(results['p99_tpot_tokens_per_s'] ?? 0, 3);
  // The engine's own words are in it too.
  expect(log.some((line) => line.includes('Initializing a V1 LLM engine'))).toBe(true);
}

function theCsv(out: string, { run_name, results }: Entry): void {
  const [header = '', row = '', ...rest] = readFileSync(join(out, 'benchmark_summary.csv'), 'utf8')
    .trim()
    .split(/\r?\n/);
  expect(rest).toEqual([]);
  // A cell with a comma in it, such as a note, is in quotes.
  const values = [...row.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, value]) => value);
  const cells = new Map(header.split(',').map((name, index) => [name, values[index]]));
  expect(cells.get('run_name')).toBe(run_name);
  expect(Number(cells.get('ttft_s_mean'))).toBe(results['avg_ttft_s']);
  expect(Number(cells.get('output_throughput_tps'))).toBe(results['throughput_output_tokens_per_sec']);
}

function theCharts(out: string): void {
  const charts = filesIn(out).filter((path) => path.endsWith('.png'));
  for (const chart of ['throughput', 'ttft', 'tpot'])
    expect(charts).toContain(`tiny-llama/${chart}_by_seqlen_and_tp.png`);
  for (const chart of charts) {
    const bytes = readFileSync(join(out, chart));
    expect(bytes.subarray(0, 8).toString('hex')).toBe(PNG);
    expect(bytes.length).toBeGreaterThan(10_000);
    expect(readFileSync(join(out, chart.replace(/png$/, 'svg')), 'utf8')).toContain('<svg');
  }
}

/** `report` and `visualize`, on a host without any Python. */
async function madeAgain(folder: string): Promise<void> {
  const out = join(folder, 'out');
  const bare = { PATH: '/nowhere', VIRTUAL_ENV: '', CONDA_PREFIX: '' };
  const reports = filesIn(out).filter((path) => /\.(?:csv|png|svg)$|^summary_report\.json$/.test(path));
  const before = reports.map((path) => readFileSync(join(out, path)));
  expect(await orchestrate(folder, ['report', 'out'], bare)).toMatchObject({ code: 0 });
  expect(
    reports.map((path) => readFileSync(join(out, path)).equals(before[reports.indexOf(path)] ?? Buffer.of())),
  ).toEqual(reports.map(() => true));

  mkdirSync(join(folder, 'alone'));
  cpSync(join(out, 'summary_report.json'), join(folder, 'alone', 'summary_report.json'));
  expect(await orchestrate(folder, ['visualize', 'alone/summary_report.json'], bare)).toMatchObject({ code: 0 });
  const drawn = filesIn(join(folder, 'alone')).filter((path) => path.endsWith('.png'));
  expect(drawn).toEqual(filesIn(out).filter((path) => path.endsWith('.png')));
}
