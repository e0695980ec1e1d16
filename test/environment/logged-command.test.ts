import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runLogged } from '../../src/environment/logged-command.ts';
import { temporaryDirectory } from './temporary.ts';

function run(args: string[], onProgress?: (detail: string) => void) {
  const directory = temporaryDirectory();
  const log = join(directory, 'logs', 'step.log');
  const signal = new AbortController().signal;
  const command = { file: 'sh', args, env: { PATH: '/usr/bin:/bin' }, cwd: directory, log, signal };
  return { log, result: runLogged(onProgress === undefined ? command : { ...command, onProgress }) };
}

test('both streams are in the log and in the output, in their order', async () => {
  const { log, result } = run(['-c', 'echo one; echo two >&2; exit 3']);
  expect(await result).toEqual({ ok: false, output: 'one\ntwo' });
  expect(readFileSync(log, 'utf8')).toBe('$ sh -c echo one; echo two >&2; exit 3\none\ntwo\n');
});

test('a password in an address does not get into the log', async () => {
  const { log, result } = run(['-c', 'true', 'https://me:secret@index.example/simple']);
  expect(await result).toEqual({ ok: true, output: '' });
  expect(readFileSync(log, 'utf8')).not.toContain('secret');
  expect(readFileSync(log, 'utf8')).toContain('https://index.example/simple');
});

test('a command that does not exist is a failure, not an exception', async () => {
  const directory = temporaryDirectory();
  const signal = new AbortController().signal;
  const command = { file: '/no/such/command', args: [], env: {}, cwd: directory, log: join(directory, 'log'), signal };
  expect(await runLogged(command)).toMatchObject({ ok: false, output: expect.stringContaining('ENOENT') });
});

test('a long command tells once a second how far it is', async () => {
  const details: string[] = [];
  await run(['-c', 'echo downloading; sleep 1.6'], (detail) => details.push(detail)).result;
  expect(details).toHaveLength(1);
  expect(details[0]).toContain('downloading');
});
