import { expect, test, vi } from 'vitest';
import { point } from '../run/runs.ts';
import { definition, host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

// Charts are drawn by both commands, and none is looked at.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

test('what is strange about the evidence is told by the run and by its report', async () => {
  const on = host();
  const file = on.write('a.yaml', definition(point('measures-stranger')));
  const told = /note: attempts\/0001_\S+\/stdout\.log tells of 1 measurement that this attempt was not asked for/;
  const ran = await orchestrate(on, [file, '--python', STAND_IN_PYTHON, '--output-dir', 'out']);
  expect(ran.stdout).toMatch(told);
  const reported = await orchestrate(on, ['report', 'out']);
  expect([reported.code, reported.stderr]).toEqual([0, '']);
  expect(reported.stdout).toMatch(told);
});
