import { describe, expect, test } from 'vitest';
import type { SmiAnswer } from '../../src/devices/sources.ts';
import { DeviceGate } from '../../src/run/device-gate.ts';
import type { ForeignPolicy } from '../../src/schema/run-config.ts';
import { APPS, FAILED, facts, hostSources, SILENT, USE } from '../devices/host.ts';

const NEVER = new AbortController().signal;
const FREE = '0, GPU-0, 0\n1, GPU-1, 0\n';
const PROGRAM = 'GPU-1, 7, /usr/bin/python3, 2048\n';
const SENTENCE = 'other programs are on GPU 1: python3 (process 7) with 2.0 GiB';

interface Host {
  readonly policy?: ForeignPolicy;
  readonly memory?: string | SmiAnswer;
  readonly programs?: string;
  readonly patientUntil?: number;
}

function gate({ policy = 'warn', memory = FREE, programs = '', patientUntil = 0 }: Host) {
  return new DeviceGate({
    ...{ devices: facts('cuda', 2, ['0', '1']), policy, patientUntil },
    sources: hostSources({ smi: { [USE]: memory, [APPS]: programs } }),
    ownMarkers: () => [],
    clock: () => 100,
  });
}
const enter = (host: Host) => gate(host).enter(['0', '1'], NEVER);

describe('before an engine starts', () => {
  test.each(['wait', 'refuse', 'warn'] as const)('%s: free devices are free', async (policy) => {
    expect(await enter({ policy })).toEqual({
      ...{ kind: 'free', foreign: null },
      before: new Map([
        ['0', 0],
        ['1', 0],
      ]),
    });
  });

  test('the policy says what is done about others, and names only their devices', async () => {
    const busy = { memory: '0, GPU-0, 0\n1, GPU-1, 2048\n', programs: PROGRAM };
    expect(await enter({ ...busy, policy: 'refuse' })).toEqual({ kind: 'refused', ids: ['1'], reason: SENTENCE });
    expect(await enter({ ...busy, policy: 'wait' })).toEqual({
      ...{ kind: 'busy', ids: ['1'], reason: SENTENCE, seconds: 10 },
    });
    expect(await enter({ ...busy, policy: 'warn' })).toMatchObject({ kind: 'free', foreign: SENTENCE });
  });

  test.each(['wait', 'refuse', 'warn'] as const)('%s: what cannot be known is a warning', async (policy) => {
    expect(await enter({ policy, memory: SILENT })).toMatchObject({
      ...{ kind: 'free', foreign: 'who else uses the devices is not known: nvidia-smi gives no answer within 20 s' },
    });
  });

  test('memory of nobody is waited for after an interrupted run, whatever the policy, and only then', async () => {
    const held = { memory: '0, GPU-0, 0\n1, GPU-1, 135000\n', policy: 'refuse' } as const;
    expect(await enter({ ...held, patientUntil: 160 })).toMatchObject({ kind: 'busy', ids: ['1'], seconds: 2 });
    expect(await enter({ ...held, patientUntil: 100 })).toMatchObject({ kind: 'refused', ids: ['1'] });
    expect(await enter({ ...held, programs: PROGRAM, patientUntil: 160 })).toMatchObject({ kind: 'refused' });
  });

  test('a run that is stopped enters nothing', async () => {
    expect(await gate({}).enter(['0'], AbortSignal.abort())).toEqual({ kind: 'stopped' });
  });
});

test('after an engine, memory that stays in use is told with its holder', async () => {
  const after = gate({ memory: '0, GPU-0, 0\n1, GPU-1, 20480\n', programs: PROGRAM });
  const [told, ...others] = await after.leave(['0', '1'], new Map([['1', 0]]), AbortSignal.abort());
  expect(others).toEqual([]);
  expect(told).toContain('GPU 1 has 20.0 GiB more in use than before the launch: python3 (process 7)');
});

describe('devices that are gone', () => {
  test('the only one of a launch is believed to be the one', async () => {
    expect(await gate({}).lost(['1'])).toEqual(['1']);
  });

  test('of several, those that nvidia-smi tells of no more', async () => {
    expect(await gate({ memory: '0, GPU-0, 0\n1, GPU-1, [GPU is lost]\n' }).lost(['0', '1'])).toEqual(['1']);
    expect(await gate({ memory: '1, GPU-1, 0\n' }).lost(['0', '1'])).toEqual(['0']);
    expect(await gate({}).lost(['0', '1'])).toEqual([]);
  });

  test('none where nobody tells', async () => {
    expect(await gate({ memory: FAILED }).lost(['0', '1'])).toEqual([]);
  });
});
