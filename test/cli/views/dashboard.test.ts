import { describe, expect, test } from 'vitest';
import { columns } from '../../../src/cli/views/columns.ts';
import { dashboard } from '../../../src/cli/views/dashboard.ts';
import { duration } from '../../../src/cli/views/words.ts';
import { NOTHING_YET, type Progress, type RunningAttempt } from '../../../src/run/progress.ts';
import { onlyJob, planOf } from '../../plan/plans.ts';
import { point } from '../../run/runs.ts';

const plan = planOf(JSON.stringify({ standalone_runs: [point('chat', 8, { repeats: 3 })] }));
const [launch] = plan.launches;
if (launch === undefined) throw new Error('a launch');
const job = onlyJob(plan);

const running: RunningAttempt = {
  ...{ attempt: '0001_chat', launch, devices: [], since: 0, readyAfter: 20, wanted: 3, settled: 1 },
  ...{ current: { job, repeat: 1, since: 95 }, lastLine: 'INFO running' },
};
const measuring: Progress = {
  ...NOTHING_YET,
  ...{ launches: 2, begun: new Set([launch.id]), measurements: 6, finished: 2, failed: 1 },
  running: [running],
  seen: { engineStarts: [20], measurements: 2, measuredSeconds: 20, measuredWork: 200 },
};
const loading: RunningAttempt = { ...running, readyAfter: null, current: null, since: 93, devices: ['2', '3'] };
/** As many launches side by side, each on two devices. */
const several = (count: number): Progress => ({
  ...{ ...measuring, launches: 40 },
  running: Array.from({ length: count }, (_, i) => ({ ...loading, launch: { ...launch, name: `chat-${i}` } })),
});
const wide = { columns: 120, rows: 24 };

describe('the live view', () => {
  test('has the launch, the job, what is done, elapsed and left, and the last line of the log', () => {
    const lines = dashboard(measuring, 100, wide).split('\n');
    expect(lines[0]).toMatch(/^█{10}░{10} 3\/6 {2}elapsed 1 min 40 s {2}left about /);
    expect(lines[1]).toBe('launch 1/2 chat_TP-1: measuring, 5 s');
    expect(lines[2]).toBe('chat_TP-1_ISL-8_OSL-4 repeat 2/3');
    expect(lines[3]).toBe('INFO running');
  });

  test('has a line for each launch that runs, with its devices, what it does and since when', () => {
    const second = { ...running, launch: { ...launch, start: 1 }, devices: ['0', '1'] };
    const lines = dashboard({ ...measuring, running: [loading, second] }, 100, wide).split('\n');
    expect(lines.slice(1)).toEqual([
      'chat_TP-1 on 2,3: loading the engine, 7 s',
      'chat_TP-1 start 2 on 0,1: measuring, 5 s: chat_TP-1_ISL-8_OSL-4 repeat 2/3',
    ]);
  });

  test('names what waits, and why', () => {
    const waiting = [{ launch, reason: 'GPU 1 is full' }];
    expect(dashboard({ ...measuring, running: [], waiting }, 100, wide)).toMatch(/\nchat_TP-1 waits: GPU 1 is full$/);
    expect(dashboard({ ...measuring, waiting }, 100, wide)).toContain('\nchat_TP-1 waits: GPU 1 is full\n');
  });

  test('has fewer lines than the terminal, and says how many launches are not shown', () => {
    // 10 rows: 4 stay free, one is the first line, one says how many are not shown; 4 of 9 launches are.
    const lines = dashboard(several(9), 100, { columns: 80, rows: 10 }).split('\n');
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe('... and 5 more launches');
    expect(dashboard(several(5), 100, { columns: 80, rows: 10 })).not.toContain('more launch');
    for (const rows of [1, 6, 7, 24]) {
      for (const progress of [measuring, several(2), several(30)]) {
        const count = dashboard(progress, 100, { columns: 80, rows }).split('\n').length;
        expect(count).toBeLessThanOrEqual(Math.max(2, rows - 4));
      }
    }
  });

  test('does not tell a time before it is known', () => {
    const early: Progress = { ...NOTHING_YET, launches: 1, measurements: 3, running: [{ ...loading, since: 2 }] };
    expect(dashboard(early, 7, wide)).toContain('left –');
    expect(dashboard(early, 7, wide)).toContain('loading the engine, 5 s');
    expect(dashboard(NOTHING_YET, 0, wide)).toContain('0/0');
  });

  test('cannot be torn apart by what an engine prints', () => {
    const lastLine = '\u001b[2J\u001b[31mred\u001b[0m\u0007\ttab\u001b[10;10Hend\u007f';
    const shown = dashboard({ ...measuring, running: [{ ...running, lastLine }] }, 100, wide);
    expect(shown.split('\n').at(-1)).toBe('red  tabend ');
  });

  test.each([20, 40, 80])('has no line that is wider than %i columns', (columns) => {
    const long = { ...measuring, running: [{ ...running, lastLine: 'x'.repeat(500) }] };
    for (const progress of [long, several(3)]) {
      for (const line of dashboard(progress, 100, { columns, rows: 24 }).split('\n'))
        expect(line.length).toBeLessThanOrEqual(columns);
    }
  });
});

test.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 00 s'],
  [200, '3 min 20 s'],
  [3600, '1 h 00 min'],
  [7500, '2 h 05 min'],
  [-1, '0 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('columns are as wide as their widest cell on a screen, the first to the left and the others to the right', () => {
  expect(
    columns([
      ['point', 'tok/s'],
      ['模型', '7'],
      ['a', '12,345'],
    ]),
  ).toBe(['point   tok/s', '模型        7', 'a      12,345', ''].join('\n'));
});
