import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { renderProblem } from '../../src/config/problem.ts';
import { OPTIONS } from './definition.ts';

const RUNS = new URL('../../runs/', import.meta.url);
const DEFINITIONS = readdirSync(RUNS)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(new URL(name, RUNS), 'utf8'));

/** What one edit puts into a definition: pieces of YAML and of ours, so that the damage is near to what people do. */
const pieces = fc.oneof(
  fc.constantFrom(
    ':',
    ': ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '\n',
    '\t',
    '  ',
    '#',
    '&a ',
    '*a',
    '<<: *a',
    '|',
    '>-',
  ),
  fc.constantFrom(
    '!!binary ',
    '!foo ',
    '? ',
    '---\n',
    '%YAML 1.2\n',
    '@',
    '`',
    '\\',
    '\r',
    '\u0000',
    '\ufeff',
    '😀',
    '\ud800',
  ),
  fc.constantFrom('-1', '0', '1e999', '.nan', '.inf', 'null', '~', 'true', '0x1F', '-tp 8', '--seed 1', '--quant=x'),
  fc.constantFrom(
    '__proto__: 1',
    'constructor',
    'toString: {}',
    'args: ',
    'workloads: ',
    'prefix_lens: [9999]',
    'driver: x',
  ),
  fc.string({ maxLength: 6 }),
);
const edit = fc.record({ at: fc.nat(), remove: fc.nat({ max: 12 }), insert: pieces });

function edited(text: string, edits: readonly { at: number; remove: number; insert: string }[]): string {
  return edits.reduce((now, { at, remove, insert }) => {
    const from = at % (now.length + 1);
    return now.slice(0, from) + insert + now.slice(from + remove);
  }, text);
}

/** Loads a text, and holds what comes back to what every caller relies on. */
function check(text: string): void {
  const loaded = loadConfig(text, OPTIONS);
  if ('config' in loaded) {
    expect(loaded.config.runs.length).toBeGreaterThan(0);
    return;
  }
  expect(loaded.problems.length).toBeGreaterThan(0);
  const lines = text.split(/\r?\n/).length;
  const places = loaded.problems.map(({ line, column }) => [line, column] as const);
  for (const [line, column] of places) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(Math.max(lines, 1));
    expect(column).toBeGreaterThanOrEqual(1);
  }
  expect(places).toEqual(places.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
  for (const problem of loaded.problems) {
    expect(problem.message).not.toBe('');
    expect(renderProblem(problem, text, 'x.yaml')).toContain(`x.yaml:${problem.line}:${problem.column}  `);
  }
}

test('any text is a run definition or has problems', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json()), check), { numRuns: 500 });
});

test('any damage to a run definition leaves one, or has problems', () => {
  const property = fc.property(
    fc.constantFrom(...DEFINITIONS),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
    (text, edits) => check(edited(text, edits)),
  );
  fc.assert(property, { numRuns: 1500 });
});

test('any value in the place of a field is that field, or a problem', () => {
  const fields = [
    ...['mode', 'args', 'model', 'quantization', 'tensor_parallel_sizes', 'length_configs', 'workloads', 'prefix_lens'],
    ...['max_model_len', 'gpu_memory_utilization', 'repeats', 'env', 'timeout_minutes', 'driver', 'seed', 'nonsense'],
    ...['checkpoints', 'until', 'min_duration_seconds'],
  ];
  const value = fc.oneof(
    fc.jsonValue(),
    fc.array(fc.integer()),
    fc.string(),
    fc.double(),
    fc.dictionary(fc.string(), fc.string()),
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...fields), { minLength: 1, maxLength: 4 }), value, (names, written) => {
      const run = { name: 'a', mode: 'vllm_throughput', model: 'm', workloads: ['chatbot'] };
      const changed = { ...run, ...Object.fromEntries(names.map((name) => [name, written])) };
      const defaults = { [names[0] ?? 'seed']: written };
      const root = names.includes('nonsense') ? { accelerators: written, order_seed: written } : {};
      check(JSON.stringify({ ...root, defaults, standalone_runs: [changed] }, null, 1));
    }),
    { numRuns: 500 },
  );
});
