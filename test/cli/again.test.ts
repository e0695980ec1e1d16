import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { againFor, onlyMissing, remeasuring, typedFor } from '../../src/cli/again.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { temporaryDirectory } from '../environment/temporary.ts';

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

test('a link to the directory means the directory, and one to where the command was typed means that', () => {
  const place = temporaryDirectory();
  mkdirSync(join(place, 'real/results/a'), { recursive: true });
  symlinkSync(join(place, 'real'), join(place, 'link'));
  symlinkSync(join(place, 'real/results/a'), join(place, 'a'));
  const command = 'orchestrate a.yaml --python p --max-retries 3';
  const typed = { command, cwd: join(place, 'link'), directory: join(place, 'link/results/a') };
  const from = (cwd: string, name: string) =>
    againFor(typed, name, { command: 'orchestrate', cwd: join(place, cwd) }).onlyMissing;
  expect(from('real', 'results/a')).toBe(command);
  expect(from('link', 'results/a')).toBe(command);
  expect(from('link', '../a')).toBe(command);
  expect(from('.', 'a')).toBe(`cd '${place}/link' && ${command}`);
});

test('a copy goes on with the options of the command, but for a Python that is not here', () => {
  const command =
    'orchestrate run a.yaml --output-dir b --python=../usr/bin/env --max-retries 3 --retry-delay 1.5 --strict --json';
  const typed = { command, cwd: '/tmp', directory: '/tmp/b' };
  const kept = (of: typeof typed) => againFor(of, 'copy', { command: 'orchestrate', cwd: '/' }).onlyMissing;
  const begin = 'orchestrate run copy/run.yaml --output-dir copy';
  expect(kept(typed)).toBe(`${begin} --python /usr/bin/env --max-retries 3 --retry-delay 1.5 --strict`);
  expect(kept({ ...typed, command: 'orchestrate a.yaml --python /not/here --max-jobs=7' })).toBe(
    `${begin} --max-jobs 7`,
  );
  // What stands behind -- belongs to vLLM.
  expect(kept({ ...typed, command: 'orchestrate run-single --max-retries 0 -- --max-jobs 7' })).toBe(
    `${begin} --max-retries 0`,
  );
});
