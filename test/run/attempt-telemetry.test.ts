import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AttemptTelemetry } from '../../src/run/attempt-telemetry.ts';
import type { TelemetryLine } from '../../src/schema/telemetry.ts';
import { telemetryOf } from '../../src/summary/telemetry.ts';
import { emptyFolder } from '../journal/folder.ts';
import { at, BEGIN, gpu } from '../summary/telemetry-lines.ts';

/** As the sampler writes them, which is Python's way to space JSON. */
function written(lines: readonly TelemetryLine[]): string {
  return lines
    .map(({ unix_s, ...rest }) => `{"unix_s": ${unix_s.toFixed(3)}, ${JSON.stringify(rest).slice(1)}\n`)
    .join('');
}

function folderWith(text: string): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'telemetry.jsonl'), text);
  return folder;
}

const timesOf = (lines: readonly TelemetryLine[] | null) => lines?.map(({ unix_s }) => unix_s) ?? null;
const SECONDS = Array.from({ length: 100 }, (_, second) => at(1001 + second, { cpu_load: 0.25 }));

test('the lines of a window, the last before it, and the first two of the file', () => {
  const telemetry = new AttemptTelemetry(folderWith(written([BEGIN, ...SECONDS])));
  expect(timesOf(telemetry.linesOf({ from_unix_s: 1050.5, to_unix_s: 1053 }))).toEqual([
    1000, 1001, 1050, 1051, 1052, 1053,
  ]);
  expect(timesOf(telemetry.linesOf({ from_unix_s: 1000.5, to_unix_s: 1002 }))).toEqual([1000, 1001, 1002]);
  expect(timesOf(telemetry.linesOf({ from_unix_s: 2000, to_unix_s: 2001 }))).toEqual([1000, 1001, 1100]);
});

test('a line that tells of an XID counts for every window behind it', () => {
  const failing = at(1010.5, { xids: [{ device: '0000:3b:00', xid: 79 }] });
  const lines = [BEGIN, ...SECONDS.slice(0, 10), failing, ...SECONDS.slice(10)];
  const telemetry = new AttemptTelemetry(folderWith(written(lines)));
  expect(timesOf(telemetry.linesOf({ from_unix_s: 1050.5, to_unix_s: 1051 }))).toEqual([
    1000, 1001, 1010.5, 1050, 1051,
  ]);
  expect(timesOf(telemetry.linesOf({ from_unix_s: 1005, to_unix_s: 1006 }))).toEqual([1000, 1001, 1004, 1005, 1006]);
});

test('so does the first one that counts errors of memory', () => {
  const counting = SECONDS.slice(5).map((line) => ({ ...line, gpus: [gpu({ ecc_uncorrected: 1 })] }));
  const telemetry = new AttemptTelemetry(folderWith(written([BEGIN, ...SECONDS.slice(0, 5), ...counting])));
  expect(timesOf(telemetry.linesOf({ from_unix_s: 1050.5, to_unix_s: 1051 }))).toEqual([1000, 1001, 1006, 1050, 1051]);
});

test('a file that grows is read on where it ended, also in the middle of a line', () => {
  const text = written([BEGIN, ...SECONDS]);
  const middle = text.indexOf('"unix_s": 1051') + 30;
  const folder = folderWith(text.slice(0, middle));
  const telemetry = new AttemptTelemetry(folder);
  const window = { from_unix_s: 1049.5, to_unix_s: 1052 };
  expect(timesOf(telemetry.linesOf(window))).toEqual([1000, 1001, 1049, 1050]);
  appendFileSync(join(folder, 'telemetry.jsonl'), text.slice(middle));
  expect(timesOf(telemetry.linesOf(window))).toEqual([1000, 1001, 1049, 1050, 1051, 1052]);
});

test('no file, a folder in its place, a flood without a line, bytes that are no text', () => {
  const window = { from_unix_s: 0, to_unix_s: 1e10 };
  const folder = emptyFolder();
  const telemetry = new AttemptTelemetry(folder);
  expect(telemetry.linesOf(window)).toBeNull();
  mkdirSync(join(folder, 'telemetry.jsonl'));
  expect(telemetry.linesOf(window)).toBeNull();
  expect(new AttemptTelemetry(folderWith('x'.repeat(3_000_000))).linesOf(window)).toEqual([]);
  expect(new AttemptTelemetry(folderWith(`\u{fffd}\n${written([BEGIN])}{"unix_s": 7\n`)).linesOf(window)).toEqual([
    BEGIN,
  ]);
});

test('gives for every window what the whole file gives', () => {
  const line = fc.record({
    watts: fc.option(fc.integer({ min: 0, max: 700 }), { nil: null }),
    errors: fc.integer({ min: 0, max: 3 }),
    xid: fc.option(fc.constantFrom(31, 79), { nil: null, freq: 5 }),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.nat(30), fc.nat(10), (made, from, length) => {
      const lines = made.map(({ watts, errors, xid }, second) =>
        at(second, {
          gpus: [gpu({ power_w: watts, ecc_uncorrected: errors })],
          xids: xid === null ? [] : [{ device: '0000:3b:00', xid }],
        }),
      );
      const window = { from_unix_s: from + 0.25, to_unix_s: from + 0.5 + length };
      const read = new AttemptTelemetry(folderWith(written(lines))).linesOf(window);
      expect(telemetryOf(read ?? [], window, 10)).toEqual(telemetryOf(lines, window, 10));
    }),
    { numRuns: 50 },
  );
});
