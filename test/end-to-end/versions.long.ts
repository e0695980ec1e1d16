import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownVariables, toolsDirectory } from '../../src/environment/home.ts';
import type { JobRecord, Sample } from '../../src/schema/record.ts';
import { filesIn, journalOf, readJson } from '../run/runs.ts';
import type { Entry } from './one-point.ts';
import { folderWith, IN_PROCESS, orchestrate, PYTHON, processesOf, ROOT } from './program.ts';

/** The version that is to be found in ORCHESTRATE_TEST_PYTHON; scripts/test-long.ts says both. */
const VERSION = process.env['ORCHESTRATE_LONG_VERSION'] ?? '(not named; npm run test:long names it)';
/** Its caches go to the tools directory, as those of our own environment do. */
const CACHES = ownVariables(toolsDirectory({ env: process.env, cwd: ROOT, packageRoot: ROOT }));

const NUM_PROMPTS = 16;
const OUTPUT = 8;
// A block of the prefix cache has 128 tokens on a CPU: two whole ones of the shared 256 can be found in it.
const PLAIN = { input_len: 64, output_len: OUTPUT };
const SHARED = { input_len: 320, output_len: OUTPUT, prefix_len: 256 };

/** Both points through the whole command; the only sample of each. */
async function measured(driver: 'resident' | 'stock', env: Readonly<Record<string, string>> = {}) {
  const lengths = { length_configs: [PLAIN, SHARED], share_prefix_caching: true };
  const folder = folderWith({ name: driver, driver, num_prompts: NUM_PROMPTS, env, ...lengths });
  const out = join(folder, 'out');
  const ended = await orchestrate(folder, ['a.yaml', '--output-dir', 'out', ...PYTHON], CACHES);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const records = filesIn(join(out, 'records')).map((name) => readJson<JobRecord>(out, 'records', name));
  expect(
    records.map(({ state, reasons }) => ({ state, reasons })),
    ended.stdout + ended.stderr,
  ).toEqual([PLAIN, SHARED].map(() => ({ state: 'valid', reasons: [] })));
  expect(processesOf(out)).toEqual([]);
  // One engine for all points, or vLLM's own benchmark once a point.
  expect(journalOf(out).filter(({ event }) => event === 'attempt_started')).toHaveLength(driver === 'stock' ? 2 : 1);
  for (const { environment } of readJson<Entry[]>(out, 'summary_report.json'))
    expect(environment.vllm_version).toBe(VERSION);
  const [plain, shared] = [PLAIN, SHARED].map(({ input_len }) => {
    const record = records.find(({ workload }) => workload.input_len === input_len);
    const [sample, ...others] = record?.samples ?? [];
    expect(others).toEqual([]);
    if (record === undefined || sample === undefined) throw new Error(`no sample of ${input_len} tokens`);
    expect(sample.counts).toMatchObject({ requests: NUM_PROMPTS, output_tokens: NUM_PROMPTS * OUTPUT });
    expect(sample.values.output_throughput_tps).toBeGreaterThan(0);
    return { record, sample };
  });
  if (plain === undefined || shared === undefined) throw new Error('two points were asked for');
  return { plain, shared };
}

test(`vLLM ${VERSION}, the resident driver`, async () => {
  const { plain, shared } = await measured('resident');
  for (const { record } of [plain, shared]) {
    expect(record.engine_report?.vllm_version).toBe(VERSION);
    // The workers of every version answer when they are asked what they hold.
    expect(record.engine_report?.weights?.bytes).toBeGreaterThan(0);
  }
  expect(plain.sample.counts).toMatchObject({ prompt_tokens: NUM_PROMPTS * 64, cached_tokens: 0 });
  // Warm: the two blocks were found for every request.
  expect(shared.sample.counts).toMatchObject({ prompt_tokens: NUM_PROMPTS * 320, cached_tokens: NUM_PROMPTS * 256 });
  for (const { sample } of [plain, shared]) theTimes(sample);
});

test(`vLLM ${VERSION}, the stock driver`, async () => {
  const { plain, shared } = await measured('stock', IN_PROCESS);
  // Its prompts are texts, which come back from the tokenizer a few tokens longer or shorter.
  const asOf = ({ counts }: Sample, length: number) => (counts.prompt_tokens ?? 0) / (NUM_PROMPTS * length);
  expect(Math.abs(asOf(plain.sample, 64) - 1)).toBeLessThan(0.02);
  expect(Math.abs(asOf(shared.sample, 320) - 1)).toBeLessThan(0.02);
});

/** Of every request, and no longer than the run. */
function theTimes({ latency, values }: Sample): void {
  for (const times of [latency.ttft_s, latency.tpot_s, latency.e2e_s]) {
    expect(times?.n).toBe(NUM_PROMPTS);
    expect(times?.min).toBeGreaterThan(0);
    expect(times?.max).toBeLessThan(values.elapsed_s ?? 0);
  }
}
