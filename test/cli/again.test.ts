import { expect, test } from 'vitest';
import { againFor, onlyMissing, remeasuring, typedFor } from '../../src/cli/again.ts';
import type { Shell } from '../../src/cli/shell.ts';

test.each([
  { command: 'orchestrate a.yaml', again: 'orchestrate a.yaml --remeasure-invalid' },
  { command: 'orchestrate a.yaml --remeasure-invalid', again: 'orchestrate a.yaml --remeasure-invalid' },
  // What stands behind -- belongs to vLLM.
  {
    command: "orchestrate run-single --run-name 'my run' -- --model m",
    again: "orchestrate run-single --run-name 'my run' --remeasure-invalid -- --model m",
  },
])('$command measures the invalid points again with the option, once', ({ command, again }) => {
  expect(remeasuring(command)).toBe(again);
  expect(onlyMissing(again)).toBe(command.replace(' --remeasure-invalid', ''));
});

test('the journal gets the command without its secrets', () => {
  const argv = ['run-single', '--', '--model', 'm', '--hf-token', 'hf_123456'];
  const shell = { command: './orchestrate', argv, cwd: '/here' } as unknown as Shell;
  const { command, cwd, directory } = typedFor('/here/results/single', shell);
  expect([cwd, directory]).toEqual(['/here', '/here/results/single']);
  expect(command).toMatch(/^\.\/orchestrate run-single -- --model m --hf-token '?<removed>'?$/);
});

test('a directory is gone on with by the command of its journal, from anywhere; a copy by what lies in it', () => {
  const typed = { command: './orchestrate a.yaml', cwd: '/usr', directory: '/usr/results/a' };
  const from = (cwd: string, name: string) => againFor(typed, name, { command: 'orchestrate', cwd }).onlyMissing;
  expect(from('/usr', 'results/a')).toBe('./orchestrate a.yaml');
  expect(from('/', 'usr/results/a')).toBe('cd /usr && ./orchestrate a.yaml');
  expect(from('/', 'copy')).toBe('orchestrate run copy/run.yaml --output-dir copy');
  expect(againFor(typed, 'usr/results/a', { command: 'orchestrate', cwd: '/' }).remeasuring).toBe(
    'cd /usr && ./orchestrate a.yaml --remeasure-invalid',
  );
  // Typed on another machine.
  const gone = { ...typed, cwd: '/nowhere at all' };
  expect(againFor(gone, 'results/a', { command: 'orchestrate', cwd: '/usr' }).onlyMissing).toBe(
    'orchestrate run results/a/run.yaml --output-dir results/a',
  );
});
