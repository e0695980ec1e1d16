import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobRecord } from '../../src/schema/record.ts';
import type { Bench } from './index.ts';
import { ORCHESTRATE, secondsOf } from './measure.ts';

export const twelve: Bench = {
  id: 'twelve',
  question:
    'twelve points of one engine: wall time beside one engine start + measured, warm-up and reset times (at most 1.10 x),\n' +
    '   and beside twelve runs of vllm bench throughput (at least 6 x faster)',
  async *run() {
    const folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'));
    try {
      const resident = await measure(folder, 'resident');
      const parts = partsOf(join(folder, 'resident'));
      const bound = parts.engineStart + parts.phases;
      yield `resident: ${resident.toFixed(1)} s wall; one engine start ${parts.engineStart.toFixed(1)} s + driver's times ${parts.phases.toFixed(1)} s`;
      yield `longest point: ${((100 * parts.longest) / parts.engineStart).toFixed(1)} % of an engine start`;
      yield `wall / (engine start + driver's times): ${(resident / bound).toFixed(3)}`;
      const stock = await measure(folder, 'stock');
      yield `stock: ${stock.toFixed(1)} s wall for twelve processes`;
      yield `stock / resident: ${(stock / resident).toFixed(2)} x`;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function measure(folder: string, driver: string): Promise<number> {
  const file = join(folder, `${driver}.yaml`);
  writeFileSync(file, definition(driver));
  return secondsOf(process.execPath, [ORCHESTRATE, file, '--output-dir', join(folder, driver)]);
}

function definition(driver: string): string {
  const inputs = [64, 128, 192, 256];
  const lengths = inputs.flatMap((input) =>
    [16, 32, 48].map((output) => `{input_len: ${input}, output_len: ${output}}`),
  );
  return `standalone_runs:
  - name: twelve
    mode: vllm_throughput
    driver: ${driver}
    model: builtin:tiny-llama
    args: --enforce-eager --kv-cache-memory-bytes 268435456
    length_configs: [${lengths.join(', ')}]
    num_prompts: 64
    warmups: 16
`;
}

/** Seconds that the driver itself reports. */
function partsOf(directory: string): { engineStart: number; phases: number; longest: number } {
  if (!existsSync(join(directory, 'records'))) throw new Error(`no records in ${directory}`);
  const records = readdirSync(join(directory, 'records')).map((name) =>
    JobRecord.parse(JSON.parse(readFileSync(join(directory, 'records', name), 'utf8'))),
  );
  const invalid = records.filter(({ state }) => state !== 'valid');
  if (records.length !== 12 || invalid.length > 0)
    throw new Error(`${records.length} records, ${invalid.length} not valid`);
  const each = records.map(({ samples }) =>
    samples.reduce(
      (sum, { phases }) =>
        sum + (phases === null ? 0 : phases.warmup_s + phases.reset_s + phases.prefix_s + phases.measure_s),
      0,
    ),
  );
  const engineStart = Math.max(...records.flatMap((record) => record.engine_start_s));
  return { engineStart, phases: each.reduce((sum, seconds) => sum + seconds, 0), longest: Math.max(...each) };
}
