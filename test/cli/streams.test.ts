import { describe, expect, test, vi } from 'vitest';
import { point } from '../run/runs.ts';
import { definition, host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const python = ['--python', STAND_IN_PYTHON];
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour is control characters
const COLOUR = /\u001b\[[0-9;]*m/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: so is what moves the cursor
const ESCAPE = /\u001b/;

interface Event {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** The values of the lines of a text; throws when one is not JSON. */
const linesOfJson = (text: string): Event[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);

const MEASURES = 'measures_TP-1_ISL-8_OSL-4';

describe('--json', () => {
  test('puts the events on stdout, a line each, and text for people on stderr', async () => {
    const on = host();
    const runs = definition(point('measures', 8, { repeats: 2 }), point('is-killed', 16), point('job-failed', 24));
    const { code, stdout, stderr } = await orchestrate(on, [on.write('a.yaml', runs), '--json', ...python]);
    expect(code).toBe(3);
    const events = linesOfJson(stdout);
    // In which order the points come depends on their ids, and so on this host; a point that kills the engine costs a
    // second attempt wherever it stands, since the second repeat comes after the first round.
    const names = events.map(({ event }) => event);
    expect([names[0], names.at(-1)]).toEqual(['run_started', 'finished']);
    expect(names.toSorted()).toEqual([
      ...['attempt_ended', 'attempt_ended', 'attempt_started', 'attempt_started', 'engine_ready', 'engine_ready'],
      ...['finished', 'measured', 'measured', 'measurement_began', 'measurement_began', 'measurement_began'],
      ...['measurement_began', 'measurement_failed', 'measurement_failed', 'run_started'],
    ]);
    const began = events.filter(({ event, run_name }) => event === 'measurement_began' && run_name === MEASURES);
    expect(began.map(({ repeat }) => repeat)).toEqual([0, 1]);
    expect(events.at(-1)).toMatchObject({
      states: { valid: 1, failed: 2, invalid: 0, skipped: 0, 'not-run': 0 },
      left: 2,
      interrupted_by: null,
    });
    for (const { at } of events.slice(0, -1)) expect(at).toMatch(/^2026-11-22T/);
    expect(stderr).toContain('engine ready after 1 s');
    expect(stderr).toContain('3 points: 1 valid, 2 failed');
  });

  test.each([['plan'], ['run', '--dry-run']])('%s: the plan and nothing else is on stdout', async (...words) => {
    const on = host();
    const { code, stdout } = await orchestrate(on, [...words, on.write('a.yaml', definition()), '--json', ...python]);
    expect(code).toBe(0);
    expect(linesOfJson(stdout)).toHaveLength(1);
  });

  test('of report: the summary is on stdout, the table on stderr', async () => {
    const on = host();
    await orchestrate(on, [on.write('a.yaml', definition()), ...python]);
    const { code, stdout, stderr } = await orchestrate(on, ['report', 'results/a', '--json']);
    expect(code).toBe(0);
    expect(linesOfJson(stdout)[0]).toMatchObject({ records: [{ state: 'valid' }] });
    expect(stderr).toContain('1 point: 1 valid');
  });

  test('a refusal leaves stdout empty', async () => {
    const on = host();
    const { code, stdout } = await orchestrate(on, ['nowhere.yaml', '--json']);
    expect([code, stdout]).toEqual([2, '']);
  });

  // The plan that is shown before the question is text for people.
  test('with --prompt-for-confirmation too', async () => {
    const on = host();
    const words = [on.write('a.yaml', definition()), '--json', '--prompt-for-confirmation', ...python];
    const { stdout } = await orchestrate(on, words, { answer: 'y' });
    expect(() => linesOfJson(stdout)).not.toThrow();
  });
});

describe('colour and cursor', () => {
  const wordsOn = (on: ReturnType<typeof host>) => [on.write('a.yaml', definition()), ...python];

  test('are for a terminal only', async () => {
    const on = host();
    const { stdout, stderr } = await orchestrate(on, wordsOn(on));
    expect(stdout + stderr).not.toMatch(ESCAPE);
  });

  test('a terminal has both', async () => {
    const on = host();
    const { stdout } = await orchestrate(on, wordsOn(on), { isTTY: true });
    expect(stdout).toMatch(COLOUR);
    expect(stdout).toContain('1/1 measures_TP-1_ISL-8_OSL-4');
  });

  test('NO_COLOR takes the colour of a terminal away', async () => {
    const on = host();
    const { stdout } = await orchestrate(on, wordsOn(on), { isTTY: true, env: { NO_COLOR: '1' } });
    expect(stdout).not.toMatch(COLOUR);
  });

  test('TERM=dumb takes both away', async () => {
    const on = host();
    const { stdout } = await orchestrate(on, wordsOn(on), { isTTY: true, env: { TERM: 'dumb' } });
    expect(stdout).not.toMatch(ESCAPE);
  });

  test('FORCE_COLOR colours a file', async () => {
    const on = host();
    const { stdout } = await orchestrate(on, wordsOn(on), { env: { FORCE_COLOR: '1' } });
    expect(stdout).toMatch(COLOUR);
  });
});
