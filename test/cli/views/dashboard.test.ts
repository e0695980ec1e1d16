import { describe, expect, test } from 'vitest';
import { columns } from '../../../src/cli/views/columns.ts';
import { dashboard } from '../../../src/cli/views/dashboard.ts';
import { duration } from '../../../src/cli/views/words.ts';
import { NOTHING_YET, type Progress } from '../../../src/run/progress.ts';
import { onlyJob, planOf } from '../../plan/plans.ts';
import { point } from '../../run/runs.ts';

const plan = planOf(JSON.stringify({ standalone_runs: [point('chat', 8, { repeats: 3 })] }));
const [launch] = plan.launches;
if (launch === undefined) throw new Error('a launch');
const job = onlyJob(plan);

const measuring: Progress = {
  ...{ launches: 2, measurements: 6, finished: 2, failed: 1, lastLine: 'INFO running' },
  launch: { launch, number: 1, since: 0, readyAfter: 20 },
  current: { job, repeat: 1, since: 95 },
  seen: { engineStarts: [20], measuredSeconds: 20, measuredWork: 200 },
};

describe('the live view', () => {
  test('has the launch, the job, what is done, elapsed and left, and the last line of the log', () => {
    const lines = dashboard(measuring, 100, 120).split('\n');
    expect(lines[0]).toMatch(/^█{10}░{10} 3\/6 {2}elapsed 1 min 40 s {2}left about /);
    expect(lines[1]).toBe('launch 1/2 chat_TP-1: measuring, 5 s');
    expect(lines[2]).toBe('chat_TP-1_ISL-8_OSL-4 repeat 2/3');
    expect(lines[3]).toBe('INFO running');
  });

  test('does not tell a time before it is known', () => {
    const loading: Progress = {
      ...NOTHING_YET,
      launches: 1,
      measurements: 3,
      launch: { launch, number: 1, since: 2, readyAfter: null },
    };
    expect(dashboard(loading, 7, 120)).toContain('left –');
    expect(dashboard(loading, 7, 120)).toContain('loading the engine, 5 s');
    expect(dashboard(NOTHING_YET, 0, 120)).toContain('0/0');
  });

  test('cannot be torn apart by what an engine prints', () => {
    const lastLine = '\u001b[2J\u001b[31mred\u001b[0m\u0007\ttab\u001b[10;10Hend\u007f';
    const [line] = dashboard({ ...measuring, lastLine }, 100, 120)
      .split('\n')
      .slice(-1);
    expect(line).toBe('red  tabend ');
  });

  test.each([20, 40, 80])('has no line that is wider than %i columns', (width) => {
    const wide = { ...measuring, lastLine: 'x'.repeat(500) };
    for (const line of dashboard(wide, 100, width).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
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
