import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whyNoNamePattern } from '../../src/config/name-pattern.ts';
import { ACCELERATORS } from '../../src/physics/accelerators.ts';
import { configOf, found, goodRun } from './definition.ts';

const FIGURE = "{value: 8.0e+12, source: data sheet, date: '2026-11-01'}";
const lines = (...changed: string[]) => {
  const all = [
    'id: my-chip',
    'label: My chip',
    "names: ['my chip', 'MC-\\d+']",
    'devices_per_chip: 1',
    `memory_bytes: ${FIGURE}`,
    `memory_bandwidth_bytes_per_s: ${FIGURE}`,
    `flops: {bf16: ${FIGURE}}`,
  ];
  const key = (line: string) => line.replaceAll(/[«»]/g, '').split(':')[0];
  return all.map((line) => changed.find((other) => key(other) === key(line)) ?? line);
};
const figure = (key: string, value: number) => `${key}: {value: «${value}», source: x, date: '2026-11-01'}`;
const entry = (...changed: string[]) => `  - ${lines(...changed).join('\n    ')}\n`;
const text = (...entries: string[]) => `accelerators:\n${entries.join('')}${goodRun()}`;

describe('accelerators that a user adds', () => {
  test('have the shape of the table’s own', () => {
    const figure = { value: 8e12, source: 'data sheet', date: '2026-11-01' };
    expect(configOf(text(entry())).accelerators).toEqual([
      {
        id: 'my-chip',
        label: 'My chip',
        names: ['my chip', 'MC-\\d+'],
        devices_per_chip: 1,
        memory_bytes: figure,
        memory_bandwidth_bytes_per_s: figure,
        flops: { bf16: figure },
      },
    ]);
  });

  test.each([
    { line: 'devices_per_chip: «0»', says: 'devices_per_chip: expected at least 1, got 0' },
    { line: 'names: «[]»', says: 'names is an empty list' },
    { line: "names: [ok, «'(open'»]", says: expect.stringContaining('Invalid regular expression: /(open/') },
    { line: 'memory_bytes: «192e9»', says: 'memory_bytes: expected a map, got 192000000000' },
    { line: 'memory_bytes: «{value: 1, date: "2026-11-01"}»', says: 'source is missing' },
    {
      line: 'memory_bytes: {value: «-1», source: x, date: "2026-11-01"}',
      says: 'value: expected more than 0, got -1',
    },
    {
      line: 'memory_bytes: {value: 1, source: x, date: «yesterday»}',
      says: 'date: Invalid ISO date, got "yesterday"',
    },
    { line: `flops: {«fp5»: ${FIGURE}}`, says: 'unknown key "fp5"' },
  ])('$line', ({ line, says }) => {
    const { marked, places, messages } = found(text(entry(line)));
    expect(messages).toEqual([says]);
    expect(places).toEqual(marked);
  });

  test('one without a part of it', () => {
    const without = entry().replace(/ +label: .*\n/, '');
    const { places, messages } = found(text(without));
    expect(messages).toEqual(['label is missing']);
    expect(places).toEqual(['2:5']);
  });

  test('a misspelt part names the right one', () => {
    const { marked, places, hints } = found(text(entry().replace('label', '«lable»')));
    expect(places).toEqual(marked);
    expect(hints).toEqual(['did you mean label?']);
  });

  test.each([
    {
      line: figure('memory_bandwidth_bytes_per_s', 50),
      says: 'memory_bandwidth_bytes_per_s is in bytes/s',
      write: '50e9',
    },
    { line: figure('memory_bytes', 192), says: 'memory_bytes is in bytes', write: '192e9' },
    {
      line: `flops: {bf16: {value: «990», source: x, date: '2026-11-01'}}`,
      says: 'flops.bf16 is in FLOP/s',
      write: '990e12',
    },
  ])('a figure in another unit: $says', ({ line, says, write }) => {
    const { marked, places, messages, hints } = found(text(entry(line)));
    expect(messages).toEqual([expect.stringContaining(says)]);
    expect(hints).toEqual([expect.stringContaining(`write ${write} `)]);
    expect(places).toEqual(marked);
  });

  test('a small device of long ago is none', () => {
    // Raspberry Pi 1 of 2012: 256 MB, some 3 GB/s, 24 GFLOP/s.
    const small = [figure('memory_bytes', 256e6), figure('memory_bandwidth_bytes_per_s', 3e9)];
    const flops = "flops: {bf16: {value: 24.0e+9, source: x, date: '2026-11-01'}}";
    expect(found(text(entry(...small.map((line) => line.replaceAll(/[«»]/g, '')), flops))).messages).toEqual([]);
  });

  test.each(['BF16', 'fp6'])('the flops of %s: the formats that are known', (format) => {
    const { hints } = found(text(entry(`flops: {«${format}»: ${FIGURE}}`)));
    expect(hints).toEqual(['known keys here: bf16, fp8, fp4, int8']);
  });

  test.each(['(a+)+$', '^(?:\\w+ ?)*x$', '(a|aa)*b', '((ab?))+c', '(?<n>x*){4}y', '.*.*.*.*.*.*.*x'])(
    'a name that could be matched for ever: %s',
    (name) => {
      const { marked, places, messages } = found(text(entry(`names: [ok, «'${name}'»]`)));
      expect(messages).toEqual([expect.stringContaining('could take for ever')]);
      expect(places).toEqual(marked);
    },
  );

  test('the patterns of the table itself, and harmless ones, are good', () => {
    const harmless = ['^my chip( v\\d+)?$', '(?:ab)+', '[(+*]+', '\\(a+\\)+', '^(?:A|B)-\\d{2,3}\\b'];
    const names = [...ACCELERATORS.flatMap((known) => known.names), ...harmless];
    expect(names.filter((name) => whyNoNamePattern(name) !== null)).toEqual([]);
  });

  test('what is let through is quick on any name', () => {
    const piece = fc.constantFrom('a', '.', '\\w', '[ab]', '(', '(?:', ')', '|', '*', '+', '?', '{2,}', '$', 'b');
    const pattern = fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(pattern, (some) => {
        fc.pre(whyNoNamePattern(some) === null);
        const before = performance.now();
        new RegExp(some, 'i').test(`${'a'.repeat(30)}!`);
        expect(performance.now() - before).toBeLessThan(1000);
      }),
      { numRuns: 300 },
    );
  });

  test('two of one id', () => {
    const { marked, places, messages } = found(text(entry(), entry('id: «my-chip»')));
    expect(places).toEqual(marked);
    expect(messages).toEqual(['the id "my-chip" is taken by the accelerator at line 2']);
  });

  test('a wrong one does not hide what is wrong in the runs', () => {
    const { marked, places } = found(
      text(entry('devices_per_chip: «0»')).replace('workloads: [chatbot]', 'workloads: [«chatbt»]'),
    );
    expect(places).toEqual(marked);
  });
});
