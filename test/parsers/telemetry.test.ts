import { expect, test } from 'vitest';
import { parseTelemetry } from '../../parsers/telemetry.ts';
import { at, BEGIN, gpu } from '../summary/telemetry-lines.ts';

const SAMPLE = at(1001.5, { cpu_load: 0.25, gpus: [gpu({ power_w: 350.5, throttle_reasons: ['sw_power_cap'] })] });
const LINES = [BEGIN, SAMPLE, at(1002.5, { xids: [{ device: '0000:3b:00', xid: 79 }] })];

function textOf(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

test('lines in their order', () => {
  expect(parseTelemetry(textOf(LINES))).toEqual({ lines: LINES, unreadable: 0 });
  expect(parseTelemetry('')).toEqual({ lines: [], unreadable: 0 });
});

test('a torn line is left out and counted, those behind it are read', () => {
  const torn = textOf(LINES).replace('"cpu_load":0.25,', '\n');
  expect(parseTelemetry(torn)).toEqual({ lines: [LINES[0], LINES[2]], unreadable: 2 });
  expect(parseTelemetry(textOf(LINES).slice(0, -20))).toEqual({ lines: LINES.slice(0, 2), unreadable: 1 });
});

test('a field that is not known yet is passed over', () => {
  expect(parseTelemetry(textOf([{ ...SAMPLE, fan_speed: 30 }])).lines).toEqual([SAMPLE]);
});

test.each([
  ['another line', { line: 'end', unix_s: 1 }],
  ['a figure that is none', at(1e300)],
  ['a power that is none', at(1, { gpus: [gpu({ power_w: 1e300 })] })],
  ['a load that is a text', { ...SAMPLE, cpu_load: '0.5' }],
])('%s is left out', (_, line) => {
  expect(parseTelemetry(textOf([line]))).toEqual({ lines: [], unreadable: 1 });
});
