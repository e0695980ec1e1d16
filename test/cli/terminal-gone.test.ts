import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { point } from '../run/runs.ts';
import { definition, host, STAND_IN_PYTHON } from './shell.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Starts a command at a terminal of its own, closes that when a file is there, and prints the exit code. */
const AT_A_TERMINAL = `
import os, pty, sys, time
file, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
os.set_blocking(terminal, False)
while not os.path.exists(file):
    try:
        os.read(terminal, 65536)
    except BlockingIOError:
        time.sleep(0.02)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

// Whoever closes the window of an ssh session: SIGHUP, and every write to the terminal is an error from then on.
test('a terminal that is closed ends a run in order', async () => {
  const on = host();
  const file = on.write('a.yaml', definition(point('measures'), point('hangs-once', 16)));
  const met = join(on.env['STAND_IN_STATE'] ?? '', 'hangs-once');
  const command = [process.execPath, MAIN, file, '--python', STAND_IN_PYTHON];
  const { stdout } = await promisify(execFile)('python3', ['-c', AT_A_TERMINAL, met, ...command], {
    cwd: on.cwd,
    env: { ...on.env, PATH: process.env['PATH'] ?? '' },
  });
  expect(stdout).toBe('129\n');
  const lines = readFileSync(join(on.cwd, 'results/a/events.jsonl'), 'utf8').trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'run_ended', interrupted_by: 'SIGHUP' });
  expect(JSON.parse(readFileSync(join(on.cwd, 'results/a/summary_report.json'), 'utf8'))).toHaveLength(2);
});

test('output that cannot be written is told by the exit code', async () => {
  const shell = promisify(execFile)('/bin/sh', ['-c', '"$0" "$1" explain >/dev/full', process.execPath, MAIN]);
  await expect(shell).rejects.toMatchObject({ code: 5 });
  const reader = promisify(execFile)('/bin/sh', ['-c', '"$0" "$1" explain | true', process.execPath, MAIN]);
  await expect(reader).resolves.toMatchObject({ stderr: '' });
});
