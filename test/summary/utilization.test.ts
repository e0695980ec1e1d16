import { describe, expect, test } from 'vitest';
import { acceleratorNamed } from '../../src/physics/accelerators.ts';
import type { ModelSize } from '../../src/schema/model-size.ts';
import type { Asked } from '../../src/summary/check.ts';
import { sampleFromMeasurement } from '../../src/summary/sample.ts';
import { boundOrNull } from '../../src/summary/utilization.ts';
import { checkpointOf, PLAIN_1B } from '../physics/models.ts';
import { askedOf, askedWithPrefix, cleanFile } from './clean.ts';

const WHERE = { start: 0, attempt: 'a', evidence: 'a/f.json' };

/** The clean point (4 prompts of 128 tokens, 32 out, TP 2, KV cache in FP8) of a model of 1e9 weights on B200s. */
function asked(changes: Partial<Asked> = {}, size: ModelSize | null = PLAIN_1B): Asked {
  return {
    ...askedOf(),
    checkpoint: checkpointOf(size),
    devices: {
      ...{ kind: 'cuda' as const, name: 'NVIDIA B200', count: 8, memory_bytes: null, compute_capability: '10.0' },
      accelerator: acceleratorNamed('NVIDIA B200'),
    },
    ...changes,
  };
}

function sampleOf(of: Asked, elapsed_s = 2) {
  return sampleFromMeasurement(cleanFile(of, { elapsed_s }), of, WHERE, null);
}

describe('MBU and MFU of a sample', () => {
  // 32 steps x 2e9 bytes + 4 requests x (31 x 128 + 31 x 32 / 2) tokens x 1000 bytes, at 2 x 8e12 B/s, in 2 s.
  // 4 x (128 + 31) tokens x 2 x 1e9 FLOPs, at 2 x 2.25e15 FLOP/s, in 2 s.
  test('are of what was measured', () => {
    const { values, missing, invalid } = sampleOf(asked());
    expect(values.mbu).toBeCloseTo((32 * 2e9 + 4 * (31 * 128 + (31 * 32) / 2) * 1000) / (2 * 16e12), 12);
    expect(values.mfu).toBeCloseTo((4 * 159 * 2e9) / (2 * 4.5e15), 12);
    expect([missing['mbu'], missing['mfu'], invalid]).toEqual([undefined, undefined, []]);
  });

  // A prompt looks back at 1 + ... + 128 = 8256 tokens, of which a hit has 1 + ... + 96 = 4656 done; the 31 decode steps
  // at 31 x 128 + 31 x 32 / 2 = 4464. Attention at 4.5e15 FLOP/s, since its cache is FP8.
  test('are those of each request: a cold prefix is computed whole by the first of each', () => {
    const cold = askedWithPrefix({ prefix_state: 'cold', num_prefixes: 2 });
    const { workload, engine } = cold;
    const contexts = 2 * (8256 + 4464) + 2 * (8256 - 4656 + 4464);
    const seconds = ((4 * 159 - 2 * 96) * 2e9) / 4.5e15 + (4e6 * contexts) / 9e15;
    const { values } = sampleOf(asked({ workload, engine }, { ...PLAIN_1B, attention_width: 1e6 }));
    expect(values.mfu).toBeCloseTo(seconds / 2, 12);
  });

  test('are null where the device is not in the table, and it says so', () => {
    const devices = {
      ...{ kind: 'cpu' as const, name: 'Intel(R) Xeon(R) Processor', count: 2, memory_bytes: 16e9 },
      ...{ compute_capability: null, accelerator: null },
    };
    const { values, missing } = sampleOf(asked({ devices }));
    const why = 'no bound: this device (Intel(R) Xeon(R) Processor) is not in the table; orchestrate hardware shows it';
    expect([values.mbu, values.mfu, missing['mbu'], missing['mfu']]).toEqual([null, null, why, why]);
  });

  test('are null where the model is not known', () => {
    const { values, missing } = sampleOf(asked({}, null));
    expect([values.mbu, values.mfu]).toEqual([null, null]);
    expect(missing['mbu']).toContain('the size of builtin:tiny is not known');
  });

  // 4 tokens meet 1 - (1 - 1/100)^4 = 3.9 % of the experts when they are routed evenly, 1 % at least.
  test('of experts that are met unevenly leave no MBU above 1, unless it is impossible', () => {
    const size = { ...PLAIN_1B, expert_parameters: 1e9, experts: { total: 100, per_token: 1 } };
    const evenly = (32 * 2e9 * (1 - 0.99 ** 4)) / 16e12;
    const fewest = (32 * 2e9 * 0.01) / 16e12;
    expect(sampleOf(asked({}, size), 2 * evenly).values.mbu).toBeCloseTo(0.5, 1);
    const between = sampleOf(asked({}, size), (evenly + fewest) / 2);
    expect([between.values.mbu, between.missing['mbu']]).toEqual([null, expect.stringContaining('fewer experts')]);
    expect(between.invalid.map(({ code }) => code)).not.toContain('mbu');
    const impossible = sampleOf(asked({}, size), fewest / 2);
    expect(impossible.values.mbu).toBeGreaterThan(1);
    expect(impossible.invalid.map(({ code }) => code)).toContain('mbu');
  });
});

test('the bound of a job, and null where it has none', () => {
  const { engine, workload, precision, checkpoint, devices } = asked();
  const point = { engine, workload, precision, checkpoint, devices, report: null };
  // 4 tokens a step of 2e9 bytes of weights and 4 x (128 + 16) tokens x 1000 bytes.
  expect(boundOrNull(point)?.decode_tps).toBeCloseTo((4 * 16e12) / (2e9 + 4 * 144 * 1000), 3);
  expect(boundOrNull(point)).toMatchObject({ accelerator: 'NVIDIA B200', devices: 2, chips: 2, batch: 4 });
  expect(boundOrNull({ ...point, devices: null })).toBeNull();
});
