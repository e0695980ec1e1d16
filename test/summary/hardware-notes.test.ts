import { expect, test } from 'vitest';
import type { Sample } from '../../src/schema/record.ts';
import type { Telemetry } from '../../src/schema/telemetry.ts';
import { hardwareNotes } from '../../src/summary/hardware-notes.ts';
import { notesOf } from '../../src/summary/notes.ts';
import { sampleAs } from './samples.ts';

function saw(telemetry: Partial<Telemetry>, changes: Partial<Sample> = {}): Sample {
  const unknown = { power_w: null, energy_j: null, energy_per_output_token_j: null, sm_clock_mhz: null };
  return {
    ...sampleAs({ repeat: 0 }, 100),
    telemetry: {
      ...{ samples: 10, cpu_load: null, cpu_load_foreign: null, cpu_mhz: null, ...unknown },
      ...{ temperature_c_max: null, memory_used_bytes_max: null, throttled: null, ecc_uncorrected: null, xids: null },
      ...telemetry,
    },
    ...changes,
  };
}

test('nothing is said of hardware that did as it should, nor of hardware that nobody looked at', () => {
  expect(hardwareNotes([sampleAs({ repeat: 0 }, 100)], 'cuda')).toEqual([]);
  expect(hardwareNotes([saw({})], 'cuda')).toEqual([]);
  const sound = {
    throttled: { sw_power_cap: 0.01, sync_boost: 1 },
    ecc_uncorrected: 0,
    xids: [],
    cpu_load_foreign: 0.2,
  };
  expect(hardwareNotes([saw(sound)], 'cpu')).toEqual([]);
});

test('throttled: reason and share, of the worst sample', () => {
  const samples = [
    saw({ throttled: { sw_power_cap: 0.4 } }),
    saw({ throttled: { hw_thermal_slowdown: 0.025, sw_power_cap: 0.3 } }),
  ];
  expect(hardwareNotes(samples, 'cuda')).toEqual([
    {
      code: 'throttled',
      message:
        'a device was held back for 2.5 % of the measured time by heat (hw_thermal_slowdown), ' +
        'and for 40 % of the measured time by its power limit (sw_power_cap)',
    },
  ]);
});

test('device-errors: ECC and XID', () => {
  const message = (telemetry: Partial<Telemetry>) => hardwareNotes([saw(telemetry)], 'cuda')[0];
  const rest = 'since its engine was started; nvidia-smi -q and dmesg say more';
  expect(message({ ecc_uncorrected: 1, xids: [] })).toEqual({
    code: 'device-errors',
    message: `a device reported 1 uncorrected memory error (ECC) ${rest}`,
  });
  expect(message({ ecc_uncorrected: 2, xids: [79, 48, 79] })?.message).toBe(
    `a device reported 2 uncorrected memory errors (ECC) and XID 48, 79 ${rest}`,
  );
});

test('busy-host: where the engine computes on the CPU, and more than one line tells of it', () => {
  const busy = saw({ cpu_load_foreign: 0.35 });
  expect(hardwareNotes([saw({ cpu_load_foreign: 0.1 }), busy], 'cpu')).toEqual([
    { code: 'busy-host', message: "other programs kept 35 % of the host's cores busy while it was measured" },
  ]);
  expect(hardwareNotes([{ ...busy, beside: ['0002_b'] }], 'cpu')[0]?.message).toMatch(/^other launches and programs /);
  expect(hardwareNotes([busy], 'cuda')).toEqual([]);
  expect(hardwareNotes([busy], null)).toEqual([]);
  expect(hardwareNotes([saw({ cpu_load_foreign: 0.35, samples: 1 })], 'cpu')).toEqual([]);
});

test('they stand among the notes of a point, and an invalid sample has none', () => {
  const job = { repeats: 1, until: null };
  const noted = (sample: Sample) => notesOf(job, [sample], {}, 'cuda').map(({ code }) => code);
  expect(noted(saw({ xids: [79] }))).toEqual(['device-errors']);
  expect(noted(saw({ xids: [79] }, { invalid: [{ code: 'requests', message: '3 of 4' }] }))).toEqual([]);
});

test('programs of others on the devices are told once, telemetry or not', () => {
  const foreign = 'other programs are on GPU 0: python3 (process 4242) with 18.6 GiB';
  const samples = [{ ...sampleAs({ repeat: 0 }, 100), foreign }, saw({}, { foreign }), saw({})];
  expect(hardwareNotes(samples, 'cuda')).toEqual([{ code: 'foreign-programs', message: foreign }]);
});
