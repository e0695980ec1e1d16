import { expect, test } from 'vitest';
import { parseDriverLog } from '../../parsers/driver-log.ts';
import { linesOf } from '../../parsers/evidence.ts';

const begin = (job: string, repeat: number) =>
  `[orchestrate] {"event": "job_begin", "job": "${job}", "run_name": "run-${job}", "repeat": ${repeat}}`;
const end = (job: string, repeat: number) =>
  `[orchestrate] {"event": "job_end", "job": "${job}", "repeat": ${repeat}, "file": "${job}.r${repeat}.json"}`;
const failed = (job: string, repeat: number) =>
  `[orchestrate] {"event": "job_failed", "job": "${job}", "repeat": ${repeat}, "error": "ValueError: too long"}`;
const result = (rps: number) => `Throughput: ${rps}.00 requests/s, 10.00 total tokens/s, 5.00 output tokens/s`;

const log = (...lines: string[]) => parseDriverLog(linesOf(lines.join('\n')));

test('each measurement has its own lines and figures', () => {
  const read = log(
    '[orchestrate] {"event": "engine_loading"}',
    begin('a', 0),
    'INFO some log line',
    result(1),
    end('a', 0),
    begin('a', 1),
    result(2),
    end('a', 1),
    '[orchestrate] {"event": "driver_done"}',
  );
  expect(read.sections).toMatchObject([
    {
      job: 'a',
      run_name: 'run-a',
      repeat: 0,
      first_line: 2,
      last_line: 5,
      ended: 'end',
      file: 'a.r0.json',
      error: null,
    },
    { job: 'a', repeat: 1, first_line: 6, last_line: 8, ended: 'end', file: 'a.r1.json' },
  ]);
  expect(read.sections.map(({ printed }) => printed.request_rps.value)).toEqual([1, 2]);
  expect(read.sections[1]?.printed.oddities).toEqual([]);
  expect(read.events.map(({ value, line }) => [value.event, line])).toEqual([
    ['engine_loading', 1],
    ['job_begin', 2],
    ['job_end', 5],
    ['job_begin', 6],
    ['job_end', 8],
    ['driver_done', 9],
  ]);
  expect(read.unreadable).toEqual([]);
});

test('a measurement that failed has its error', () => {
  expect(log(begin('a', 0), failed('a', 0)).sections).toMatchObject([
    { ended: 'failed', error: 'ValueError: too long', file: null, last_line: 2 },
  ]);
});

test('a measurement that the end of the log or the next one cuts off', () => {
  const read = log(begin('a', 0), result(1), begin('b', 0), result(2), 'last words');
  expect(read.sections).toMatchObject([
    { job: 'a', ended: 'cut', first_line: 1, last_line: 2, file: null },
    { job: 'b', ended: 'cut', first_line: 3, last_line: 5 },
  ]);
});

test('an end without its beginning, and a torn event, are told and belong to nothing', () => {
  const read = log(end('z', 0), begin('a', 0), end('a', 1), '[orchestrate] {"event":', result(1), end('a', 0));
  expect(read.sections).toMatchObject([{ job: 'a', repeat: 0, ended: 'end', printed: { request_rps: { value: 1 } } }]);
  expect(read.unreadable.map(({ line }) => line)).toEqual([1, 3, 4]);
});
