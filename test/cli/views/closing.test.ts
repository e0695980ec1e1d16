import { describe, expect, test } from 'vitest';
import { closingLines, closingOf, resultText } from '../../../src/cli/views/closing.ts';
import { FAILURE_CLASSES } from '../../../src/schema/failure-class.ts';
import type { JobRecord } from '../../../src/schema/record.ts';
import { recordOf, summaryOf } from '../../reports/make-summaries.ts';

const output = { write: () => true, columns: 80 };
const typed = 'orchestrate a.yaml';

/** The last lines of a run with these records. */
function closing(records: readonly JobRecord[], left = 0, interruptedBy: string | null = null): string[] {
  const result = { records, left, interruptedBy };
  return closingLines(result, 'results/a', closingOf(result, typed)).trimEnd().split('\n');
}

function failed(run_name: string, code: string, message: string, state: JobRecord['state'] = 'failed'): JobRecord {
  return { ...recordOf({ state }), run_name, reasons: [{ code, message }], log: null };
}

test('the verdict stands once at the end of a run, just above where everything is', () => {
  const records = [recordOf({}), recordOf({ tp: 2, state: 'not-run' })];
  const text = resultText(summaryOf(records), output, {}) + closing(records).join('\n');
  expect(text.match(/2 points/g)).toHaveLength(1);
  expect(text).toMatch(/\n2 points: 1 valid, 1 not run\nreport: results\/a\/summary_report\.json/);
  expect(text).not.toContain('not-run');
});

test('a run that was interrupted says what by, what is left, and how to go on', () => {
  const incomplete = { ...recordOf({}), reasons: [{ code: 'incomplete', message: '1 of 3 samples: not attempted' }] };
  expect(closing([recordOf({}), incomplete], 3, 'SIGINT').slice(1)).toEqual([
    'interrupted by SIGINT; 3 measurements left, every finished one is kept',
    'to go on: orchestrate a.yaml',
  ]);
});

describe('what went wrong', () => {
  const { happened, remedy } = FAILURE_CLASSES['device-memory'];

  test('is told by class, the most points first, with what to do and the command that measures only that', () => {
    const records = [
      failed('chat_TP-1', 'hang', 'stopped after 1800 s without progress'),
      failed('code_TP-1', 'device-memory', 'tried to allocate 20 GiB'),
      recordOf({}),
      failed('code_TP-2', 'device-memory', 'tried to allocate 10 GiB'),
    ];
    expect(closing(records, 3).slice(1)).toEqual([
      'failed (2 points, device-memory): code_TP-1, code_TP-2',
      `  ${happened}`,
      `  ${remedy}`,
      'failed (hang): chat_TP-1',
      '  stopped after 1800 s without progress',
      `  ${FAILURE_CLASSES.hang.remedy}`,
      'to measure only what is missing: orchestrate a.yaml',
    ]);
  });

  test('that has one reason is told by it, and what to do is not said twice', () => {
    const records = ['a', 'b'].map((name) => failed(name, 'device-memory', `20 GiB are missing; ${remedy}`));
    expect(closing(records).slice(1)).toEqual([
      'failed (2 points, device-memory): a, b',
      `  20 GiB are missing; ${remedy}`,
    ]);
  });

  test('and has advice of its own has no second one of its class', () => {
    const killed = 'the engine ended before it was through (the engine was ended by SIGKILL); dmesg says whether';
    expect(closing([failed('a', 'engine-died', killed)]).slice(1)).toEqual(['failed (engine-died): a', `  ${killed}`]);
    const message = `left out after 3 engine failures in a row (max_consecutive_failures): ${killed}`;
    expect(closing([failed('a', 'engine-died', message, 'skipped')]).slice(1)).toEqual([
      'left out (engine-died): a',
      `  ${message}`,
    ]);
  });

  test('for a point that would fail as another did, is what to do about that', () => {
    const message = `${happened} in chat_TP-1, and this point needs as much or more`;
    expect(closing([failed('a', 'device-memory', message, 'skipped')]).slice(1)).toEqual([
      'left out (device-memory): a',
      `  ${message}`,
      `  ${remedy}`,
    ]);
  });

  test('is read once where it is long, whichever comes first; the last event has it whole', () => {
    const long = `${happened}: ${'tried to allocate more, '.repeat(10)}; do $& this`;
    const quoting = `left out after 3 engine failures in a row (max_consecutive_failures): ${long}`;
    const left = (count: number) =>
      Array.from({ length: count }, (_, index) => failed(`l${index}`, 'device-memory', quoting, 'skipped'));
    const lines = (records: readonly JobRecord[]) => closing(records).filter((line) => line.startsWith('  '));
    expect(lines([failed('a', 'device-memory', long), ...left(1)])).toEqual([
      `  ${long}`,
      '  left out after 3 engine failures in a row (max_consecutive_failures): as above',
    ]);
    expect(lines([failed('a', 'device-memory', long), ...left(2)])).toEqual([`  ${quoting}`, '  as above']);
    const records = [failed('a', 'device-memory', long), ...left(1)];
    const { problems } = closingOf({ records, left: 0, interruptedBy: null }, typed);
    expect(problems.map(({ message }) => message)).toEqual([long, quoting]);
    // A short one may stand twice.
    const short = records.map((record) => ({ ...record, reasons: [{ code: 'device-memory', message: happened }] }));
    expect(lines(short).filter((line) => line === `  ${happened}`)).toHaveLength(2);
  });

  test('is no longer than five names', () => {
    const records = (count: number) =>
      Array.from({ length: count }, (_, index) => failed(`p${index}`, 'skipped', 'needs 16 devices', 'skipped'));
    expect(closing(records(5))[1]).toBe('left out (5 points, skipped): p0, p1, p2, p3, p4');
    expect(closing(records(12))[1]).toBe('left out (12 points, skipped): p0, p1, p2, p3, p4 and 7 more');
  });

  test('apart from what was left out for the same reason', () => {
    const records = [
      failed('short', 'device-memory', 'out of memory'),
      failed('long', 'device-memory', 'a shorter one ran out of memory', 'skipped'),
    ];
    expect(closing(records).filter((line) => !line.startsWith(' '))).toEqual([
      expect.stringContaining('report: '),
      'failed (device-memory): short',
      'left out (device-memory): long',
    ]);
  });

  test('names the log of the first, where it is', () => {
    const log = { file: 'client_logs_1/2_a.log', first_line: 1, last_line: 2 };
    const lines = closing([{ ...failed('a', 'measurement', 'prompt too long'), log }]);
    expect(lines).toContain('  log: results/a/client_logs_1/2_a.log');
  });

  test('is one line each, whatever an engine has printed', () => {
    expect(closing([failed('a', 'unheard of', 'first\n\u001b[31msecond')])[2]).toBe('  first second');
  });

  test('and is invalid has a command of its own', () => {
    const records = [failed('a', 'output-tokens', '3 instead of 4', 'invalid')];
    expect(closing(records).slice(1)).toEqual([
      'invalid (output-tokens): a',
      '  3 instead of 4',
      'to measure the invalid again: orchestrate a.yaml --remeasure-invalid',
    ]);
  });

  test('and lacks samples is told after a run that was not interrupted', () => {
    const message = '1 of 3 samples: the engine ended';
    const records = [{ ...recordOf({}), run_name: 'a', reasons: [{ code: 'incomplete', message }] }];
    expect(closing(records, 2).slice(1)).toEqual([
      'samples missing (incomplete): a',
      `  ${message}`,
      'to measure only what is missing: orchestrate a.yaml',
    ]);
  });
});
