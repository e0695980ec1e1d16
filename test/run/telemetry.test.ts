import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { collect } from '../../src/run/collect.ts';
import { Plan } from '../../src/schema/plan.ts';
import { at, gpu } from '../summary/telemetry-lines.ts';
import { carryOut, ENVIRONMENT, type Finished, point, readJson, recordOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

function again({ directory }: Finished) {
  const plan = Plan.parse(readJson(directory, 'plan.json'));
  return { summary: collect(plan, directory, readEvents(directory).events).summary(ENVIRONMENT) };
}

test('what the sampler wrote beside a launch stands in the record of what was measured meanwhile', async () => {
  const ran = await carryOut([point('measures', 8, { repeats: 2 })]);
  const [first] = recordOf(ran, 'measures').samples;
  const { elapsed_s, output_throughput_tps } = first?.values ?? {};
  const evidence = readJson<{ started_unix_s: number }>(ran.directory, first?.evidence ?? '');
  const begin = evidence.started_unix_s;
  // From before the beginning until behind the end of both: always 300 W, held back by the power limit.
  const watts = { power_w: 300, throttle_reasons: ['sw_power_cap'], ecc_uncorrected: 0 };
  const lines = Array.from({ length: 200 }, (_, index) => at(begin - 1 + index / 10, { gpus: [gpu(watts)], xids: [] }));
  const text = lines.map(({ unix_s, ...rest }) => `{"unix_s": ${unix_s}, ${JSON.stringify(rest).slice(1)}\n`).join('');
  writeFileSync(join(ran.directory, first?.attempt ?? '', 'telemetry.jsonl'), text);

  const record = recordOf(again(ran), 'measures');
  const [sampled] = record.samples;
  expect(sampled?.telemetry?.energy_j).toBeCloseTo(300 * (elapsed_s ?? 0), 6);
  // Joules a token are watts over tokens a second.
  const energy = 300 / (output_throughput_tps ?? 0);
  expect(sampled?.values.power_w).toBeCloseTo(300, 6);
  expect(sampled?.values.energy_per_output_token_j).toBeCloseTo(energy, 6);
  expect(record.results['power_w']?.n).toBe(2);
  expect(record.missing['power_w']).toBeUndefined();
  expect(record.notes.map(({ code }) => code)).toContain('throttled');
});

test("vLLM's own benchmark does not say when it measured", async () => {
  const ran = await carryOut([point('measures', 8, { driver: 'stock' })]);
  const record = recordOf(ran, 'measures');
  expect(record.samples[0]?.telemetry).toBeNull();
  expect(record.missing).toMatchObject({
    power_w: 'vllm bench throughput does not report when it measured',
    energy_per_output_token_j: 'vllm bench throughput does not report when it measured',
  });
});
