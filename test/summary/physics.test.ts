import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseMeasurementFile } from '../../parsers/measurement-file.ts';
import { isUnreadable } from '../../parsers/parser.ts';
import { acceleratorNamed } from '../../src/physics/accelerators.ts';
import type { MeasurementFile } from '../../src/schema/driver-protocol.ts';
import type { AcceleratorSpec } from '../../src/schema/hardware.ts';
import { CHECKS } from '../../src/summary/attest.ts';
import type { Asked } from '../../src/summary/check.ts';
import { PHYSICS_CHECKS } from '../../src/summary/checks/physics.ts';
import { sampleFromMeasurement } from '../../src/summary/sample.ts';
import { checkpointOf, PLAIN_1B } from '../physics/models.ts';
import { askedOf, cleanFile, withCell } from './clean.ts';

const WHERE = { start: 0, attempt: 'a', evidence: 'a/f.json' };

/** The codes of all reasons against a measurement. */
function against(file: MeasurementFile, asked: Asked = askedOf()): { code: string; message: string }[] {
  return sampleFromMeasurement(file, asked, WHERE, null).invalid;
}

/** A host whose accelerator has these figures. */
function on(bytesPerSecond: number, flops: number): Asked {
  const b200 = acceleratorNamed('NVIDIA B200') as AcceleratorSpec;
  const figure = (value: number) => ({ ...b200.memory_bytes, value });
  const accelerator: AcceleratorSpec = {
    ...{ ...b200, label: 'Abacus', memory_bandwidth_bytes_per_s: figure(bytesPerSecond) },
    flops: { bf16: figure(flops) },
  };
  return {
    ...askedOf(),
    checkpoint: checkpointOf(PLAIN_1B),
    devices: {
      ...{ kind: 'cuda', name: 'x', count: 2, memory_bytes: null, compute_capability: null },
      accelerator,
    },
  };
}

test('the rows are in the table that every measurement is held against', () => {
  expect(CHECKS).toEqual(expect.arrayContaining([...PHYSICS_CHECKS]));
  expect(PHYSICS_CHECKS.map(({ id }) => id)).toEqual(['mbu', 'mfu', 'ttft', 'e2e-sum']);
});

describe('faster than the device allows', () => {
  // 32 steps x 2e9 bytes + 17,856 tokens of context x 1000 bytes = 6.4018e10 bytes, on 2 devices, in 2 s.
  test('memory: 1.5e10 B/s a device would take 1.07 times as long', () => {
    expect(against(cleanFile(), on(1.7e10, 1e15))).toEqual([]);
    expect(against(cleanFile(), on(1.5e10, 1e15))).toEqual([
      {
        code: 'mbu',
        message: 'reading weights and KV cache alone would take 1.07 times the elapsed time on 2 x Abacus',
      },
    ]);
  });

  // 4 x 159 tokens x 2e9 FLOPs = 1.272e12, on 2 devices, in 2 s.
  test('arithmetic: 3e11 FLOP/s a device would take 1.06 times as long', () => {
    expect(against(cleanFile(), on(1e12, 3.3e11))).toEqual([]);
    expect(against(cleanFile(), on(1e12, 3e11))).toEqual([
      { code: 'mfu', message: 'the FLOPs of the model alone would take 1.06 times the elapsed time on 2 x Abacus' },
    ]);
  });
});

describe('times that cannot be', () => {
  test('a TTFT longer than the run', () => {
    const file = cleanFile();
    expect(against(withCell(file, 'first_token_latency_s', 2, 1.9))).toEqual([]);
    expect(against(withCell(file, 'first_token_latency_s', 2, 2.1))).toEqual([
      { code: 'ttft', message: 'a request has a TTFT of 2.100 s in a run of 2.000 s' },
    ]);
  });

  // Request 2: queued at 100, first token at 100.3, last at 101.3: E2E 1.3 s = 0.3 + 1.0; 0.2 + 1.0 is 7.7 % less.
  test('TTFT + TPOT x (n - 1) that falls short of E2E', () => {
    const file = cleanFile();
    expect(against(withCell(file, 'first_token_latency_s', 1, 0.28))).toEqual([]);
    expect(against(withCell(file, 'first_token_latency_s', 1, 0.2))).toEqual([
      { code: 'e2e-sum', message: 'TTFT + TPOT x (n - 1) is up to 7.7 % less than E2E in 1 of 4 requests' },
    ]);
  });

  test('one request of a hundred is noise, two are not', () => {
    const asked = askedOf({ num_prompts: 100 });
    const one = withCell(cleanFile(asked), 'first_token_latency_s', 0, 0.05);
    // Rows of the clean file start 0.1 s apart, so that their times are longer than its 2 s.
    const codes = (file: MeasurementFile) => against({ ...file, elapsed_s: 20 }, asked).map(({ code }) => code);
    expect(codes(one)).toEqual([]);
    expect(codes(withCell(one, 'first_token_latency_s', 1, 0.05))).toEqual(['e2e-sum']);
  });

  test('what vLLM did not see is held against nobody', () => {
    const blind = withCell(withCell(cleanFile(), 'first_token_latency_s', 0, null), 'first_token_latency_s', 1, 0);
    expect(against(blind).map(({ code }) => code)).not.toContain('e2e-sum');
    const old = cleanFile();
    const none = old.requests.queued_ts.map(() => null);
    const requests = { ...old.requests, queued_ts: none, first_token_ts: none, last_token_ts: none };
    expect(against({ ...old, requests })).toEqual([]);
  });
});

describe('real measurements of the resident driver', () => {
  const root = fileURLToPath(new URL('../../fixtures/vllm', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.r\d+\.json$/.test(name));

  test.each(files)('%s is possible, as far as times go', (name) => {
    const file = parseMeasurementFile(readFileSync(`${root}/${name}`, 'utf8'));
    if (isUnreadable(file)) throw new Error(file.unreadable);
    const codes = against(file).map(({ code }) => code);
    expect(codes.filter((code) => code === 'ttft' || code === 'e2e-sum')).toEqual([]);
  });

  test('are there', () => {
    expect(files.length).toBeGreaterThan(4);
  });
});
