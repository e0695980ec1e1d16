import { expect, test } from 'vitest';
import { parseProcessStat } from '../../src/schema/process-stat.ts';

// proc_pid_stat(5): (1) pid (2) (comm) (3) state ... (22) starttime; here field n from the fourth on is 100 + n.
const line = (name: string, state: string) =>
  `7 (${name}) ${state} ${Array.from({ length: 49 }, (_, index) => 104 + index).join(' ')}\n`;

test.each(['sleep', 'a b', ') Z 1 2', '', '(((', 'x) S 9'])('the name %j of a process means nothing', (name) => {
  expect(parseProcessStat(line(name, 'S'))).toEqual({ ended: false, start: 122 });
});

test.each([
  ...['Z', 'X', 'x'].map((state) => ({ state, ended: true })),
  ...['R', 'S', 'D', 'T', 't', 'I'].map((state) => ({ state, ended: false })),
])('state $state', ({ state, ended }) => {
  expect(parseProcessStat(line('sleep', state)).ended).toBe(ended);
});

test('a line that ends early has no start', () => {
  expect(parseProcessStat('7 (sleep) S 1 2')).toEqual({ ended: false, start: null });
  expect(parseProcessStat('')).toEqual({ ended: false, start: null });
});
