import { describe, expect, test, vi } from 'vitest';
import type { DeviceSources } from '../../src/devices/sources.ts';
import type { Facts } from '../../src/schema/facts.ts';
import type { JobRecord } from '../../src/schema/record.ts';
import { NO_FACTS } from '../plan/plans.ts';
import { carryOut, NO_DEVICES, point, readJson, recordOf } from './runs.ts';

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

  test('refused, it is not used, and what needs it is left out', async () => {
    const both = point('measures-2', 16, { model: 'stand-in/a', tensor_parallel_sizes: 2 });
    const finished = await carryOut([point('measures', 8, { model: 'stand-in/a' }), both], {
      ...{ facts: TWO_GPUS, sources: busy, policy: { ...policy, foreignProcesses: 'refuse' } },
    });
    expect(sampleOf(recordOf(finished, 'measures'))?.devices).toEqual(['1']);
    expect(recordOf(finished, 'measures-2')).toMatchObject({
      ...{ state: 'skipped', reasons: [{ code: 'device-busy', message: expect.stringContaining('needs 2 devices') }] },
    });
    expect(finished.notices).toContainEqual({
      kind: 'note',
      text: expect.stringContaining('python3 (process 999999) with 18.6 GiB: not used in this run'),
    });
    expect(finished.left).toBe(1);
  });

  test('waited for, it keeps nobody else waiting', async () => {
    const stop = new AbortController();
    const both = point('measures-2', 16, { model: 'stand-in/b', tensor_parallel_sizes: 2 });
    const finished = await carryOut([both, point('measures', 8, { model: 'stand-in/a' })], {
      ...{ facts: TWO_GPUS, sources: busy, policy: { ...policy, foreignProcesses: 'wait' }, signal: stop.signal },
      notify: ({ kind }) => kind === 'measured' && stop.abort('SIGINT'),
    });
    expect(sampleOf(recordOf(finished, 'measures'))?.devices).toEqual(['1']);
    expect(recordOf(finished, 'measures-2').state).toBe('not-run');
    expect(finished.notices).toContainEqual(
      expect.objectContaining({ kind: 'launch-waiting', reason: expect.stringContaining('python3') }),
    );
  });

  test('whose launch names its devices itself, it runs alone on them', async () => {
    const env = { CUDA_VISIBLE_DEVICES: '1' };
    const finished = await carryOut(
      [slow('takes-its-time', 'a', { env }), slow('takes-its-time-2', 'b', { env }), slow('measures', 'c')],
      { facts: TWO_GPUS },
    );
    for (const name of ['takes-its-time', 'takes-its-time-2']) {
      expect(sampleOf(recordOf(finished, name))?.devices).toEqual(['1']);
      expect(sampleOf(recordOf(finished, name))?.beside).toEqual([]);
    }
  });

  test('are noted beside the number, when only warned of', async () => {
    const finished = await carryOut([point('measures', 8, { model: 'stand-in/a', min_duration_seconds: 0 })], {
      ...{ facts: TWO_GPUS, sources: busy, policy: { ...policy, foreignProcesses: 'warn' } },
    });
    expect(sampleOf(recordOf(finished, 'measures'))?.foreign).toContain('python3 (process 999999)');
  });
});
