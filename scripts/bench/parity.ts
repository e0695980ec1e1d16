import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobRecord } from '../../src/schema/record.ts';
import { confidenceInterval } from '../../src/stats/student-t.ts';
import type { Bench } from './index.ts';
import { ORCHESTRATE, secondsOf } from './measure.ts';

const PAIRS = 20;

export const parity: Bench = {
  id: 'parity',
  question: `does the resident driver measure what vllm bench throughput measures? (${PAIRS} interleaved pairs, ratio within 0.95 to 1.05)`,
  async *run() {
    const folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'));
    const logRatios: number[] = [];
    try {
      for (let pair = 0; pair < PAIRS; pair += 1) {
        // Who goes first changes from pair to pair: a slow drift of the machine falls on both.
        const order = pair % 2 === 0 ? (['resident', 'stock'] as const) : (['stock', 'resident'] as const);
        const speed = { resident: 0, stock: 0 };
        for (const driver of order) speed[driver] = await outputSpeed(folder, driver, pair);
        logRatios.push(Math.log(speed.resident / speed.stock));
        yield `pair ${pair + 1}: resident ${speed.resident.toFixed(0)}, stock ${speed.stock.toFixed(0)} output tok/s, ratio ${(speed.resident / speed.stock).toFixed(3)}`;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const mean = logRatios.reduce((sum, value) => sum + value, 0) / logRatios.length;
    const interval = confidenceInterval(logRatios);
    yield `geometric mean of the ratio: ${Math.exp(mean).toFixed(3)}`;
    if (interval !== null)
      yield `95 % interval (t, on the logarithms): ${Math.exp(interval.low).toFixed(3)} to ${Math.exp(interval.high).toFixed(3)}`;
  },
};

async function outputSpeed(folder: string, driver: string, pair: number): Promise<number> {
  const name = `${driver}-${pair}`;
  writeFileSync(join(folder, `${name}.yaml`), definition(driver, pair));
  await secondsOf(process.execPath, [ORCHESTRATE, join(folder, `${name}.yaml`), '--output-dir', join(folder, name)]);
  const [file] = readdirSync(join(folder, name, 'records'));
  const record = JobRecord.parse(JSON.parse(readFileSync(join(folder, name, 'records', file ?? ''), 'utf8')));
  const speed = record.results['output_throughput_tps'];
  if (record.state !== 'valid' || speed === undefined) throw new Error(`${name}: ${JSON.stringify(record.reasons)}`);
  return speed.value;
}

/** The same lengths, warm-up, detokenization and caching for both; another seed for every pair. */
function definition(driver: string, pair: number): string {
  return `standalone_runs:
  - name: parity
    mode: vllm_throughput
    driver: ${driver}
    model: builtin:tiny-llama
    args: --enforce-eager --kv-cache-memory-bytes 268435456
    length_configs: [{input_len: 256, output_len: 64}]
    max_model_len: 512
    num_prompts: 128
    warmups: 64
    seed: ${pair}
    # One process: an engine start costs half, and both measure through it.
    env: {VLLM_ENABLE_V1_MULTIPROCESSING: 0}
`;
}
