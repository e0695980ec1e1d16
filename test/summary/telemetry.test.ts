import { describe, expect, test } from 'vitest';
import type { TelemetryLine } from '../../src/schema/telemetry.ts';
import { telemetryOf, withTelemetry } from '../../src/summary/telemetry.ts';
import { sampleAs } from './samples.ts';
import { at, BEGIN, gpu, powered } from './telemetry-lines.ts';

const WINDOW = { from_unix_s: 10, to_unix_s: 14 };

function seen(lines: readonly TelemetryLine[], outputTokens: number | null = 1000) {
  const telemetry = telemetryOf(lines, WINDOW, outputTokens);
  if (telemetry === null) throw new Error('no telemetry');
  return telemetry;
}

test('nothing is known of a window without a sample in it', () => {
  expect(telemetryOf([BEGIN, at(9.9), at(14.1)], WINDOW, 1000)).toBeNull();
  expect(telemetryOf([], WINDOW, 1000)).toBeNull();
});

test('what no sample tells is null, not 0', () => {
  expect(seen([BEGIN, at(11), at(12)])).toEqual({
    samples: 2,
    cpu_load: null,
    cpu_load_foreign: null,
    cpu_mhz: null,
    power_w: null,
    energy_j: null,
    energy_per_output_token_j: null,
    sm_clock_mhz: null,
    temperature_c_max: null,
    memory_used_bytes_max: null,
    throttled: null,
    ecc_uncorrected: null,
    xids: null,
  });
});

test('a clock that was set back leaves lines out of order, which changes nothing', () => {
  const lines = powered([9, 100], [11, 200], [12, 400], [14, 100]);
  expect(seen(lines.toReversed())).toEqual(seen(lines));
});

test('power, and energy per output token', () => {
  const lines = powered([10, 200, 100], [12, 200, 100], [14, 200, 100]);
  expect(seen(lines, 600)).toMatchObject({ power_w: 300, energy_j: 1200, energy_per_output_token_j: 2 });
  expect(seen(lines, null)).toMatchObject({ power_w: 300, energy_per_output_token_j: null });
  expect(seen(lines, 0)).toMatchObject({ power_w: 300, energy_per_output_token_j: null });
});

describe('a sample stands for the time since the one before it', () => {
  test('the first one only for its part of the window', () => {
    // Of 10 to 11: 0.8; of 11 to 14: 0.4. (0.8 x 1 + 0.4 x 3) / 4 = 0.5. That of 8 to 9 is not in the window.
    const lines = [at(9, { cpu_load: 0 }), at(11, { cpu_load: 0.8 }), at(14, { cpu_load: 0.4 })];
    expect(seen(lines).cpu_load).toBeCloseTo(0.5, 12);
  });

  test('load by others, where the own part is told', () => {
    // (0.9 - 0.5) x 1 and (0.6 - 0.6) x 3 over 4 s; the third line does not tell its own.
    const lines = [
      at(11, { cpu_load: 0.9, cpu_load_own: 0.5 }),
      at(14, { cpu_load: 0.6, cpu_load_own: 0.6 }),
      at(13.5, { cpu_load: 0.6 }),
    ].toSorted((a, b) => a.unix_s - b.unix_s);
    // 13.5 takes 2.5 s from the third; what is left is 0.4 x 1 and 0 x 0.5 over 1.5 s.
    expect(seen(lines).cpu_load_foreign).toBeCloseTo(0.4 / 1.5, 12);
  });

  test('clocks: mean of the devices over time, and the lowest that was seen', () => {
    const clocks = (...mhz: number[]) => mhz.map((sm_clock_mhz, index) => gpu({ index: String(index), sm_clock_mhz }));
    // 1500 for 1 s and 2000 for 3 s.
    const lines = [
      at(11, { gpus: clocks(1000, 2000), cpu_mhz: 2000 }),
      at(14, { gpus: clocks(2000, 2000), cpu_mhz: 3000 }),
    ];
    expect(seen(lines)).toMatchObject({ sm_clock_mhz: { mean: 1875, min: 1000 }, cpu_mhz: 2750 });
  });

  test('throttling: the share of the time in which one device was held back', () => {
    const reasons = (...ofGpus: string[][]) =>
      ofGpus.map((throttle_reasons, index) => gpu({ index: String(index), throttle_reasons }));
    const lines = [
      at(11, { gpus: reasons([], ['sw_power_cap']) }),
      at(12, { gpus: reasons(['sw_power_cap', 'hw_thermal_slowdown'], ['sw_power_cap']) }),
      at(14, { gpus: reasons([], []) }),
    ];
    expect(seen(lines).throttled).toEqual({ sw_power_cap: 0.5, hw_thermal_slowdown: 0.25 });
  });

  test('an idle GPU and clocks that somebody set are no throttling; silence of the driver is not knowing', () => {
    const settings = ['gpu_idle', 'applications_clocks_setting', 'display_clock_setting'];
    expect(seen([at(11, { gpus: [gpu({ throttle_reasons: settings })] })]).throttled).toEqual({});
    expect(seen([at(11, { gpus: [gpu()] })]).throttled).toBeNull();
  });
});

test('the hottest and the fullest device', () => {
  const lines = [
    at(11, { gpus: [gpu({ temperature_c: 60, memory_used_bytes: 5 }), gpu({ temperature_c: 71 })] }),
    at(12, { gpus: [gpu({ temperature_c: 65, memory_used_bytes: 7 }), gpu()] }),
    at(15, { gpus: [gpu({ temperature_c: 99, memory_used_bytes: 99 })] }),
  ];
  expect(seen(lines)).toMatchObject({ temperature_c_max: 71, memory_used_bytes_max: 7 });
});

describe('errors since the launch began', () => {
  const counted = (...counts: (number | null)[]) =>
    counts.map((ecc_uncorrected, index) => gpu({ index: String(index), ecc_uncorrected }));

  test('ECC errors that were there before are not counted, those of the start of the engine are', () => {
    const lines = [at(1, { gpus: counted(3, 0) }), at(9, { gpus: counted(4, 0) }), at(12, { gpus: counted(4, 2) })];
    expect(seen(lines).ecc_uncorrected).toBe(3);
    expect(seen([...lines, at(14.5, { gpus: counted(90, 2) })]).ecc_uncorrected).toBe(3);
  });

  test('a counter that began anew counts none, a device without one neither', () => {
    expect(seen([at(1, { gpus: counted(3) }), at(12, { gpus: counted(0) })]).ecc_uncorrected).toBe(0);
    expect(seen([at(1, { gpus: counted(0, null) }), at(12, { gpus: counted(1, null) })]).ecc_uncorrected).toBe(1);
  });

  test('no ECC errors of some devices are not none of all; those that there are, are told', () => {
    const asked: TelemetryLine = { ...BEGIN, gpus: ['0', '1'] };
    expect(seen([asked, at(1, { gpus: counted(0) }), at(12, { gpus: counted(0) })]).ecc_uncorrected).toBeNull();
    expect(seen([asked, at(1, { gpus: counted(0) }), at(12, { gpus: counted(2) })]).ecc_uncorrected).toBe(2);
    expect(seen([asked, at(1, { gpus: counted(0, 0) }), at(12, { gpus: counted(0, 0) })]).ecc_uncorrected).toBe(0);
  });

  test('XIDs until the end of the measurement', () => {
    const xid = (number: number) => [{ device: '0000:3b:00', xid: number }];
    const lines = [at(3, { xids: xid(48) }), at(9, { xids: [] }), at(12, { xids: xid(79) }), at(15, { xids: xid(31) })];
    expect(seen(lines).xids).toEqual([48, 79]);
    expect(seen([at(12, { xids: [] })]).xids).toEqual([]);
  });
});

describe('a sample with its telemetry', () => {
  const sample = {
    ...sampleAs({ repeat: 0 }, 250),
    missing: { mbu: 'no bound', power_w: 'the hardware was not sampled' },
  };
  const counted = { ...sample, counts: { ...sample.counts, output_tokens: 1000 } };

  test('has power and energy among its values, and no reason for them', () => {
    const lines = powered([10, 500], [12, 500], [14, 500]);
    const { telemetry, values, missing } = withTelemetry(counted, lines, WINDOW);
    expect([telemetry?.energy_j, values.power_w, values.energy_per_output_token_j]).toEqual([2000, 500, 2]);
    expect([values.output_throughput_tps, missing]).toEqual([250, { mbu: 'no bound' }]);
  });

  test.each([
    ['no file', null, 'there is no telemetry.jsonl beside it'],
    ['no line in its time', [at(9), at(15)], 'no sample of the hardware lies in its time'],
  ])('without telemetry, and why: %s', (_, lines, why) => {
    const { telemetry, values, missing } = withTelemetry(counted, lines, WINDOW);
    expect([telemetry, values.power_w, values.energy_per_output_token_j]).toEqual([null, null, null]);
    expect(missing).toEqual({ mbu: 'no bound', telemetry: why, power_w: why, energy_per_output_token_j: why });
  });

  test.each([
    ['no GPU', [BEGIN, at(11), at(12)], 'only NVIDIA GPUs are asked for their power'],
    [
      'no nvidia-smi',
      [{ ...BEGIN, absent: { 'nvidia-smi': 'nvidia-smi is not on PATH' } }, at(11), at(12)],
      'nvidia-smi is not on PATH',
    ],
    ['one line', powered([12, 100]), 'fewer than 2 samples of the hardware lie in its time'],
    [
      'a silent device',
      powered([11, null], [12, null]),
      'nvidia-smi did not tell the power of every device all the time',
    ],
    [
      'a device without a row',
      [{ ...BEGIN, gpus: ['0', '1'] }, ...powered([11, 100], [12, 100])],
      'nvidia-smi did not tell the power of every device all the time',
    ],
    [
      'no row at all',
      [{ ...BEGIN, gpus: ['0'] }, at(11), at(12)],
      'nvidia-smi did not tell the power of every device all the time',
    ],
  ] as [string, TelemetryLine[], string][])('without power, and why: %s', (_, lines, why) => {
    const { telemetry, missing } = withTelemetry(counted, lines, WINDOW);
    expect([telemetry?.power_w, missing]).toEqual([
      null,
      { mbu: 'no bound', power_w: why, energy_per_output_token_j: why },
    ]);
  });

  test('without the number of its tokens', () => {
    const { values, missing } = withTelemetry(sample, powered([10, 500], [14, 500]), WINDOW);
    expect([values.power_w, values.energy_per_output_token_j]).toEqual([500, null]);
    expect(missing).toEqual({
      mbu: 'no bound',
      energy_per_output_token_j: 'how many tokens were generated is not known',
    });
  });
});
