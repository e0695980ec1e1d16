import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { point } from '../run/runs.ts';
import { definition, type Host, host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const python = ['--python', STAND_IN_PYTHON];

/** Every file of a folder with its size and time. */
function snapshot(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}

async function finished(on: Host, ...runs: readonly object[]): Promise<void> {
  await orchestrate(on, [on.write('a.yaml', definition(...runs)), ...python]);
}

describe('status', () => {
  test('of a finished run: what was measured, and nothing to do', async () => {
    const on = host();
    await finished(on, point('measures', 8, { repeats: 2 }));
    const before = snapshot(join(on.cwd, 'results'));
    const { code, stdout, stderr } = await orchestrate(on, ['status', 'results/a']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('results/a: finished 0 s ago\n2 of 2 measurements made\n');
    expect(snapshot(join(on.cwd, 'results'))).toEqual(before);
  });

  test('of a run with failures: the last one, and the commands that measure the rest', async () => {
    const on = host();
    await finished(on, point('measures'), point('job-failed', 16), point('measures-other', 24));
    const { stdout } = await orchestrate(on, ['status', 'results/a']);
    expect(stdout).toContain('2 of 3 measurements made (1 invalid), 1 failed\n');
    expect(stdout).toMatch(/^last failure, 0 s ago: job-failed_TP-1_ISL-16_OSL-4 \(measurement\): .*prompt too long/m);
    expect(stdout).toMatch(/^to go on: orchestrate /m);
    expect(stdout).toMatch(/^to measure the invalid ones again: orchestrate .* --remeasure-invalid$/m);
  });

  test('while it runs: what runs now; after a stop: what stopped it, and how to go on', async () => {
    const on = host();
    let during = '';
    const file = on.write('a.yaml', definition(point('measures'), point('hangs-once', 16)));
    const asked = () => {
      if (!on.met('hangs-once')) return false;
      if (during === '') {
        during = 'asked';
        void orchestrate(on, ['status', 'results/a']).then(({ stdout }) => {
          during = stdout;
        });
      }
      return during !== 'asked';
    };
    await orchestrate(on, [file, ...python], { signalWhen: { signal: 'SIGTERM', happened: asked } });
    expect(during).toMatch(/^results\/a: running for 0 s \(process \d+ on .+\)\n/);
    expect(during).toContain(`process ${process.pid} on`);
    expect(during).toMatch(/\nnow: measures_TP-1: (?:loading the engine|measuring) for 0 s, [01] measured in it\n/);
    expect(during).not.toContain('to go on');
    const { stdout } = await orchestrate(on, ['status', 'results/a']);
    expect(stdout).toMatch(/^results\/a: stopped \(by SIGTERM\); its last event is 0 s old\n/);
    expect(stdout).toMatch(/\nto go on: orchestrate .*\n$/);
  });

  test('after kill -9, with a torn journal, and with a lock of a dead process', async () => {
    const on = host();
    await finished(on);
    const folder = join(on.cwd, 'results/a');
    const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    const index = lines.findIndex((line) => line.includes('"engine_ready"'));
    writeFileSync(join(folder, 'events.jsonl'), `${lines.slice(0, index + 1).join('\n')}\n{"event":"meas`);
    mkdirSync(join(folder, '.lock'));
    // No process is as old as the first second of the host, by this number.
    const holder = { pid: process.pid, started: 'long ago', host: (await import('node:os')).hostname() };
    writeFileSync(join(folder, '.lock/holder'), JSON.stringify(holder));
    const { code, stdout } = await orchestrate(on, ['status', 'results/a']);
    expect(code).toBe(0);
    expect(stdout).toContain('results/a: stopped (its orchestrator ended without a word)');
    expect(stdout).toContain('0 of 1 measurement made, 1 left\n');
    expect(stdout).toContain('cut off: measures_TP-1: measuring, 0 measured in it\n');
  });

  test('of a run that was planned and did not begin', async () => {
    const on = host();
    await finished(on);
    rmSync(join(on.cwd, 'results/a/events.jsonl'));
    const { stdout } = await orchestrate(on, ['status', 'results/a']);
    expect(stdout).toContain('results/a: not begun, and nobody carries it out\n0 of 1 measurement made, 1 left\n');
  });

  test('of a copy goes on with the copy, and the same Python', async () => {
    const on = host();
    await finished(on, point('job-failed'));
    cpSync(join(on.cwd, 'results/a'), join(on.cwd, 'my copy'), { recursive: true });
    const { stdout } = await orchestrate(on, ['status', 'my copy']);
    const command = "orchestrate run 'my copy/run.yaml' --output-dir 'my copy'";
    expect(stdout).toContain(`to go on: ${command} --python ${STAND_IN_PYTHON}\n`);
  });

  test('--json prints one object, with the keys of docs/output.md', async () => {
    const on = host();
    await finished(on);
    const { stdout } = await orchestrate(on, ['status', 'results/a', '--json']);
    expect(stdout.endsWith('}\n')).toBe(true);
    const status = JSON.parse(stdout) as Record<string, unknown>;
    expect(status).toMatchObject({ schema: 1, state: 'finished', measurements: { asked: 1, measured: 1 } });
    const text = readFileSync(new URL('../../docs/output.md', import.meta.url), 'utf8');
    const { table = '' } = /## How far a run is(?<table>.*?)\n## /s.exec(text)?.groups ?? {};
    const told = [...table.matchAll(/^\| (?<keys>`.*?) \|/gm)].flatMap(({ groups }) =>
      [...(groups?.['keys'] ?? '').matchAll(/`(?<key>\w+)`/g)].map((match) => match.groups?.['key']),
    );
    expect(told.toSorted()).toEqual(Object.keys(status).toSorted());
  });

  test('--watch ends with the run', async () => {
    const on = host();
    await finished(on);
    const { code, stdout } = await orchestrate(on, ['status', 'results/a', '--watch']);
    expect([code, stdout]).toEqual([0, 'results/a: finished 0 s ago\n1 of 1 measurement made\n']);
  });
});

describe('what is no output directory is wrong usage, said in words', () => {
  test.each([
    { what: 'nothing', make: () => undefined, says: 'there is no folder it' },
    { what: 'a file', make: (path: string) => writeFileSync(path, ''), says: 'it is a file' },
    { what: 'another folder', make: (path: string) => mkdirSync(path), says: 'it has no plan.json' },
    { what: 'a torn plan', make: (path: string) => withPlan(path, '{"schema": 1, "la'), says: 'cannot be read' },
    { what: 'a foreign plan', make: (path: string) => withPlan(path, '{"schema": 9}'), says: '(schema: ' },
  ])('$what', async ({ make, says }) => {
    const on = host();
    make(join(on.cwd, 'it'));
    const { code, stdout, stderr } = await orchestrate(on, ['status', 'it']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split('\n').length).toBe(2);
    expect(stderr).not.toContain('    at ');
  });
});

function withPlan(folder: string, text: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'plan.json'), text);
}
