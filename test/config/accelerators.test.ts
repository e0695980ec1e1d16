import { describe, expect, test } from 'vitest';
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
