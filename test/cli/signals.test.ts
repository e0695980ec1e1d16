import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { startOf } from '../../src/executors/processes.ts';
import { KEEPER } from '../executors/keeper.ts';
import { until } from '../executors/launches.ts';
import { journalOf, survivors } from '../run/runs.ts';
import { definition, host, STAND_IN_PYTHON } from './shell.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LEAVES_BEHIND = fileURLToPath(new URL('../../fixtures/programs/leaves-behind.py', import.meta.url));

/** The command in a process of its own, with a driver that is leaves-behind.py, once that says that it is ready. */
async function running(driver: string) {
  const on = host();
  const python = join(on.cwd, 'python');
  const ours = `*\\ *keeper.py\\ *) exec ${STAND_IN_PYTHON} "$@" ;;`;
  const theirs = `*resident.py*) exec ${KEEPER.python} -S ${LEAVES_BEHIND} ${driver} ;;`;
  const script = `#!/bin/sh\ncase "$*" in ${ours} ${theirs} *) exec ${STAND_IN_PYTHON} "$@" ;; esac\n`;
  writeFileSync(python, script, { mode: 0o755 });
  const words = [MAIN, on.write('a.yaml', definition()), '--python', python, '--output-dir', 'out'];
  const types = process.features.typescript ? [] : ['--experimental-strip-types'];
  const command = spawn(process.execPath, [...types, ...words], { cwd: on.cwd, env: on.env, stdio: 'ignore' });
  const out = join(on.cwd, 'out');
  const said = () => globSync(join(out, 'attempts/*/stdout.log')).map((path) => readFileSync(path, 'utf8'))[0] ?? '';
  await until(() => /^ready \d+$/m.test(said()), 30);
  return { command, out, child: Number(/^ready (\d+)$/m.exec(said())?.[1]) };
}

describe.runIf(process.platform === 'linux')('nothing is left of a run', () => {
  // 128 + the number of the signal (signal(7)): 2, 15, 1.
  const SIGNALS = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const;

  test.for(SIGNALS)(
    'that gets %s: its launch may end in order',
    { timeout: 60_000 },
    async ([signal, code], { expect }) => {
      const { command, out, child } = await running('stays');
      command.kill(signal);
      expect(await once(command, 'exit')).toEqual([code, null]);
      expect(startOf(child)).toBeNull();
      expect(survivors(out)).toEqual([]);
      expect(journalOf(out).find(({ event }) => event === 'attempt_ended')).toMatchObject({
        outcome: { kind: 'cancelled' },
        left_behind: [],
      });
    },
  );

  test.for(SIGNALS)(
    'that gets %s twice, and is deaf: it is killed',
    { timeout: 60_000 },
    async ([signal, code], { expect }) => {
      const { command, out, child } = await running('deaf setsid orphan no-marker deaf');
      const begin = performance.now();
      command.kill(signal);
      await sleep(300);
      command.kill(signal);
      expect(await once(command, 'exit')).toEqual([code, null]);
      // Less than the 20 s that a launch is given to end in order.
      expect(performance.now() - begin).toBeLessThan(10_000);
      expect(startOf(child)).toBeNull();
      expect(survivors(out)).toEqual([]);
    },
  );
});
