import { describe, expect, test, vi } from 'vitest';
import type { DeviceSources } from '../../src/devices/sources.ts';
import type { Facts } from '../../src/schema/facts.ts';
import type { JobRecord } from '../../src/schema/record.ts';
import { NO_FACTS } from '../plan/plans.ts';
import { carryOut, journalOf, NO_DEVICES, point, readJson, recordOf, statesOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

/** Two GPUs that are not there: the stand-in drivers need none. */
const TWO_GPUS: Facts = {
  ...NO_FACTS,
  devices: {
    ...{ kind: 'cuda', name: 'a GPU', count: 2, memory_bytes: null, compute_capability: null, accelerator: null },
    ids: ['0', '1'],
  },
};
const slow = (name: string, model: string, more: object = {}) =>
  point(name, 8, { model: `stand-in/${model}`, ...more });
const sampleOf = (record: JobRecord) => record.samples[0];

describe('launches on two devices', () => {
  test('run side by side, each on one of them, and say so', async () => {
    const finished = await carryOut([slow('takes-its-time', 'a'), slow('takes-its-time-2', 'b')], { facts: TWO_GPUS });
    const [one, two] = [recordOf(finished, 'takes-its-time'), recordOf(finished, 'takes-its-time-2')].map(sampleOf);
    expect([one?.devices, two?.devices].toSorted()).toEqual([['0'], ['1']]);
    const attempts = [one, two].map((sample) => sample?.attempt.replace('attempts/', ''));
    expect([one?.beside, two?.beside]).toEqual([[attempts[1]], [attempts[0]]]);
    // `report` reads the same from the journal.
    const written = readJson<JobRecord>(
      finished.directory,
      'records',
      `${recordOf(finished, 'takes-its-time').job_id}.json`,
    );
    expect(written.samples[0]).toMatchObject({ devices: one?.devices, beside: one?.beside });
  });

  test('run one after the other when one is exclusive, or needs both', async () => {
    for (const more of [{ exclusive: true }, { tensor_parallel_sizes: 2 }]) {
      const finished = await carryOut([slow('takes-its-time', 'a'), slow('takes-its-time-2', 'b', more)], {
        facts: TWO_GPUS,
      });
      for (const name of ['takes-its-time', 'takes-its-time-2'])
        expect(sampleOf(recordOf(finished, name))?.beside).toEqual([]);
    }
  });
});

describe('other programs on a device', () => {
  /** nvidia-smi as it would tell of one program on GPU 0. */
  const busy: DeviceSources = {
    ...NO_DEVICES,
    nvidiaSmi: async ([question = '']) => ({
      kind: 'told',
      text: question.startsWith('--query-gpu')
        ? '0, GPU-a, 20000\n1, GPU-b, 0\n'
        : question.startsWith('--query-compute-apps')
          ? 'GPU-a, 999999, python3, 19000\n'
          : '',
    }),
  };
  const policy = { retries: 0, retryDelaySeconds: 0, maxConsecutiveFailures: 3 };

  test('refuse a launch on it, when asked to, and no other', async () => {
    const finished = await carryOut([point('measures', 8, { model: 'stand-in/a' })], {
      ...{ facts: TWO_GPUS, sources: busy, policy: { ...policy, foreignProcesses: 'refuse' } },
    });
    expect(statesOf(finished)).toEqual({ measures: 'skipped' });
    expect(recordOf(finished, 'measures').reasons).toEqual([
      { code: 'device-busy', message: expect.stringContaining('python3 (process 999999)') },
    ]);
    expect(journalOf(finished.directory).filter(({ event }) => event === 'attempt_started')).toEqual([]);
    expect(finished.left).toBe(1);
  });

  test('are noted beside the number, when only warned of', async () => {
    const finished = await carryOut([point('measures', 8, { model: 'stand-in/a', min_duration_seconds: 0 })], {
      ...{ facts: TWO_GPUS, sources: busy, policy: { ...policy, foreignProcesses: 'warn' } },
    });
    expect(sampleOf(recordOf(finished, 'measures'))?.foreign).toContain('python3 (process 999999)');
  });
});
