import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { point } from '../run/runs.ts';
import { definition, type Host, host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const SNAPSHOT = 'hub/models--stand-in--model/snapshots/abc';

/** A Python whose hub has config.json of stand-in/model, or says what is wrong. */
function pythonWithHub(on: Host, home: string, problem: string | null = null): string {
  const snapshot = join(home, SNAPSHOT);
  const refs = join(snapshot, '../../refs');
  const fetches = [
    `mkdir -p '${snapshot}' '${refs}'`,
    `printf abc >'${refs}/main'`,
    `echo '{"num_attention_heads": 8, "dtype": "bfloat16"}' >'${snapshot}/config.json'`,
  ].join(' && ');
  const python = join(on.cwd, 'python');
  writeFileSync(
    python,
    [
      '#!/bin/sh',
      `[ -z "$PYTHON_CALLS" ] || echo "$*" >>"$PYTHON_CALLS"`,
      `case "$1" in */fetch_config.py) ${problem === null ? fetches : 'true'}; echo '${JSON.stringify({ problem })}' ;;`,
      `*) exec ${STAND_IN_PYTHON} "$@" ;; esac`,
      '',
    ].join('\n'),
    { mode: 0o755 },
  );
  return python;
}

const fetchesOf = (on: Host) => on.calls().filter((call) => call.includes('fetch_config.py')).length;

test('a model that is downloaded during its first run has the same points afterwards', async () => {
  const on = host();
  const home = join(on.cwd, 'hf');
  const words = [on.write('a.yaml', definition()), '--python', pythonWithHub(on, home), '--output-dir', 'out'];
  const first = await orchestrate(on, words, { env: { HF_HOME: home } });
  expect([first.code, first.stderr]).toEqual([0, '']);
  const plan = JSON.parse(readFileSync(join(on.cwd, 'out', 'plan.json'), 'utf8'));
  // sha256sum of the config.json above.
  expect(plan.facts.checkpoints).toMatchObject([
    {
      config_sha256: 'b3f30f6855b8ff9b7ed5ea104bad89f2df5e0b99cc0d27a2dc19052ca4fb46f6',
      num_attention_heads: 8,
      problems: [],
    },
  ]);
  writeFileSync(join(home, SNAPSHOT, 'model.bin'), 'what vLLM downloads');
  const second = await orchestrate(on, words, { env: { HF_HOME: home } });
  expect(second.stdout).toContain('1 of 1 measurements are there already');
  expect(second.stdout).not.toContain('does not ask for');
  // What is cached is not asked for again.
  expect(fetchesOf(on)).toBe(1);
});

test('without a hub the run goes on, and one note says what is not known', async () => {
  const on = host();
  const runs = definition(point('measures'), point('measures-2', 16, { model: 'stand-in/other' }));
  const python = pythonWithHub(on, on.cwd, 'HF_HUB_OFFLINE is set');
  const typed = await orchestrate(on, [on.write('a.yaml', runs), '--python', python]);
  expect(typed.code).toBe(0);
  expect(typed.stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/^orchestrate: note: .*stand-in\/model \(HF_HUB_OFFLINE is set\), stand-in\/other \(HF_/),
  ]);
  expect(typed.stderr).toContain('whether they are quantized, their size and their longest context are not known');
});

test('Ctrl-C before anything is measured is an interruption, and no trouble of the host', async () => {
  const on = host();
  const python = join(on.cwd, 'python');
  const sleeps = `case "$1" in */fetch_config.py) echo fetches >>"$PYTHON_CALLS"; exec sleep 30 ;; esac`;
  writeFileSync(python, `#!/bin/sh\n${sleeps}\nexec ${STAND_IN_PYTHON} "$@"\n`, { mode: 0o755 });
  const words = [on.write('a.yaml', definition()), '--python', python];
  const signalWhen = { signal: 'SIGINT', happened: () => on.calls().includes('fetches') } as const;
  const { code, stderr } = await orchestrate(on, words, { signalWhen });
  expect([code, readdirSync(on.cwd).toSorted()]).toEqual([130, ['a.yaml', 'python']]);
  expect(stderr).toContain('interrupted by SIGINT: nothing was measured yet\n  run the same command again to go on\n');
});

test.each([['plan'], ['run', '--dry-run']])('%s %s fetches nothing', async (...words) => {
  const on = host();
  const home = join(on.cwd, 'hf');
  const given = [...words, on.write('a.yaml', definition()), '--python', pythonWithHub(on, home)];
  expect((await orchestrate(on, given, { env: { HF_HOME: home } })).code).toBe(0);
  expect(fetchesOf(on)).toBe(0);
  expect(existsSync(home)).toBe(false);
});
