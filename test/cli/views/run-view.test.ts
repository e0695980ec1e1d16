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

describe('launches side by side', () => {
  const other = { ...launch, id: 'other', name: 'other_TP-1', start: 1 };
  const began = (attempt: string): Notice => ({
    ...{ kind: 'attempt-started', attempt, launch: attempt === '0001' ? launch : other, number: 1, wanted: 2 },
    ...{ devices: attempt === '0001' ? [] : ['2', '3'], log: 'x.log' },
  });
  const ready = (attempt: string): Notice => ({ kind: 'engine-ready', attempt, seconds: 20 });
  const ended = (attempt: string): Notice => ({
    ...{ kind: 'attempt-ended', attempt, outcome: { kind: 'signalled', signal: 'SIGKILL' } },
    ...{ reason: 'it died', leftBehind: [] },
  });

  test('are named on every line, and so is their devices', () => {
    const retrying: Notice = { kind: 'retrying', launch: other, inSeconds: 9.7, retry: 1, of: 2 };
    const lines = printed(
      ...[began('0001'), began('0002'), ready('0001'), ended('0001'), failed('once', 0), ready('0002'), retrying],
    );
    expect(lines).toEqual([
      expect.stringMatching(/^starting the engine for .*_TP-1 \(up to 2 measurements\); log: x\.log$/),
      'starting the engine for other_TP-1 start 2 on 2,3 (up to 2 measurements); log: x.log',
      `[${launch.name}] engine ready after 20 s`,
      `[${launch.name}] the engine was killed by SIGKILL`,
      `[${launch.name}] failed once_TP-1_ISL-24_OSL-4 repeat 1: the engine ended`,
      '[other_TP-1 start 2] engine ready after 20 s',
      '[other_TP-1 start 2] trying again in 10 s (retry 1 of 2)',
    ]);
  });

  test('one after the other need no name', () => {
    const lines = printed(began('0001'), ended('0001'), began('0002'), ready('0002'));
    expect(lines.at(-1)).toBe('engine ready after 20 s');
  });
});

test('a launch that waits is told once, and again when the reason is another', () => {
  const waits = (reason: string): Notice => ({ kind: 'launch-waiting', launch, reason });
  expect(printed(waits('GPU 0 is full'), waits('GPU 0 is full'), waits('GPU 1 is full'))).toEqual([
    `${launch.name} waits: GPU 0 is full`,
    `${launch.name} waits: GPU 1 is full`,
  ]);
});

test('what is left out for one reason is one line, whatever launch it is of', () => {
  const leftOut = (name: string, attempt: string, reason = 'shorter ones ran out of memory'): Notice => ({
    ...{ kind: 'measurement-failed', attempt, job: jobNamed(name), repeat: 0, reason, skipped: true },
  });
  expect(printed(leftOut('steady', 'l1'), leftOut('three', 'l1'), leftOut('once', 'l2'))).toEqual([
    'left out 3 points: shorter ones ran out of memory',
  ]);
  expect(printed(failed('once', 0), leftOut('three', 'l1'), leftOut('steady', 'l1', 'too many failures'))).toEqual([
    'failed once_TP-1_ISL-24_OSL-4 repeat 1: the engine ended',
    'left out three_TP-1_ISL-16_OSL-4: shorter ones ran out of memory',
    'left out steady_TP-1_ISL-8_OSL-4: too many failures',
  ]);
});

test('what a launch leaves behind is told as it is: processes, or memory of a device', () => {
  const notice: Notice = {
    ...{ kind: 'attempt-ended', attempt: '0001', outcome: { kind: 'exited', exitCode: 0 }, reason: null },
    leftBehind: ['41 VLLM::Worker_TP0', 'GPU 0 has 70.0 GiB more in use than before'],
  };
  expect(printed(notice)).toEqual([
    expect.stringMatching(/; left behind: 41 VLLM::Worker_TP0; GPU 0 has 70\.0 GiB more in use than before$/),
  ]);
});
