import { describe, expect, test } from 'vitest';
import type { Output, Shell } from '../../../src/cli/shell.ts';
import { runView } from '../../../src/cli/views/run-view.ts';
import type { Notice } from '../../../src/run/notice.ts';
import { planOf } from '../../plan/plans.ts';
import { point } from '../../run/runs.ts';

const until = { cv: 0.05, max_repeats: 5 };
const runs = [point('steady', 8, { until }), point('three', 16, { repeats: 3 }), point('once', 24)];
const [launch] = planOf(JSON.stringify({ standalone_runs: runs })).launches;
if (launch === undefined) throw new Error('a launch');

function jobNamed(name: string) {
  const job = launch?.jobs.find(({ run_name }) => run_name.startsWith(name));
  if (job === undefined) throw new Error(name);
  return job;
}

/** Lines that these notices print where there is no terminal. */
function printed(...notices: readonly Notice[]): string[] {
  let text = '';
  const write = (some: string) => {
    text += some;
  };
  const output = { write } as unknown as Output;
  const shell = { stdout: output, stderr: output, env: {}, now: () => new Date(0) } as unknown as Shell;
  const view = runView(shell, { json: false });
  for (const notice of notices) view.notify(notice);
  view.end();
  return text.split('\n').slice(0, -1);
}

const failed = (name: string, repeat: number, reason = 'the engine ended'): Notice => ({
  ...{ kind: 'measurement-failed', attempt: '0001', job: jobNamed(name), repeat, reason, skipped: false },
});
const failedOnes = (name: string, count: number): Notice[] =>
  Array.from({ length: count }, (_, repeat) => failed(name, repeat));

describe('failures', () => {
  test('of one event are a line a point', () => {
    const lines = printed(
      failed('steady', 0),
      failed('once', 0),
      failed('three', 1),
      failed('steady', 1),
      failed('three', 2),
    );
    expect(lines).toEqual([
      'failed steady_TP-1_ISL-8_OSL-4, up to 2 repeats: the engine ended',
      'failed once_TP-1_ISL-24_OSL-4 repeat 1: the engine ended',
      'failed three_TP-1_ISL-16_OSL-4, 2 repeats: the engine ended',
    ]);
  });

  test('are told before what comes after them', () => {
    const note = { kind: 'note', text: 'later' } as const;
    expect(printed(...failedOnes('three', 3), note)).toEqual([
      'failed three_TP-1_ISL-16_OSL-4, 3 repeats: the engine ended',
      'note: later',
    ]);
  });

  test('with a reason of their own are told for themselves', () => {
    expect(printed(failed('three', 0, 'took too long'), failed('three', 1))).toEqual([
      'failed three_TP-1_ISL-16_OSL-4 repeat 1: took too long',
      'failed three_TP-1_ISL-16_OSL-4 repeat 2: the engine ended',
    ]);
  });
});

test('so it is for the whole run', () => {
  const started = { kind: 'run-started', directory: 'out', launches: 1, measurements: 20, alreadyDone: 0 } as const;
  expect(printed(started)).toEqual(['20 measurements in 1 launch -> out']);
  expect(printed({ ...started, atMost: true })).toEqual(['up to 20 measurements in 1 launch -> out']);
});

test('how many measurements there will be is a maximum where points end when they are steady', () => {
  const started = (jobs: typeof launch.jobs): Notice => ({
    ...{
      kind: 'attempt-started',
      attempt: '0001',
      launch: { ...launch, jobs },
      number: 1,
      wanted: 5,
      devices: [],
      log: 'x.log',
    },
  });
  expect(printed(started([jobNamed('steady')]))).toEqual([
    expect.stringContaining('(up to 5 measurements); log: x.log'),
  ]);
  expect(printed(started([jobNamed('three')]))).toEqual([expect.stringContaining('(5 measurements); log: x.log')]);
});
