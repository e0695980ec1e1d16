import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileNames } from '../../reports/file-names.ts';

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 130 }),
  fc.string({ unit: fc.constantFrom('a', 'A', '/', '\\', '.', '_', '-', ' ', '\0', 'é'), maxLength: 8 }),
  fc.constantFrom('..', '.', '', '/', 'con', 'NUL.txt', 'records', 'attempts', 'plan.json', 'model', 'a'.repeat(200)),
);

test('for any models: safe, inside the folder, and different where case does not count', () => {
  fc.assert(
    fc.property(fc.uniqueArray(nasty, { maxLength: 30 }), (models) => {
      const names = fileNames(models);
      expect([...names.keys()].sort()).toEqual([...models].sort());
      for (const name of names.values()) {
        expect(name).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/);
        expect(name).not.toMatch(/\.$/);
        expect(name).not.toMatch(/^(con|nul|records|attempts|plan|model-)?(\..*)?$/i);
      }
      expect(new Set([...names.values()].map((name) => name.toLowerCase())).size).toBe(models.length);
    }),
    { numRuns: 500 },
  );
});

test('for any models: their order does not matter', () => {
  fc.assert(
    fc.property(fc.uniqueArray(nasty, { maxLength: 10 }), (models) => {
      expect(fileNames(models.toReversed())).toEqual(fileNames(models));
    }),
  );
});

test.each([
  ['meta-llama/Llama-3.3-70B-Instruct', 'meta-llama_Llama-3.3-70B-Instruct'],
  ['builtin:tiny-llama', 'tiny-llama'],
  ['/data/models/x', '_data_models_x'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['模型', 'model'],
])('%s is %s', (model, name) => {
  expect(fileNames([model]).get(model)).toBe(name);
});

test('two models of one slug both get a hash of their full names', () => {
  const names = fileNames(['a/b_c', 'a_b/c', 'A/B/C']);
  for (const name of names.values()) expect(name).toMatch(/^a_b_c-[0-9a-f]{8}$/i);
});

test('two models of one slug and one hash are still told apart, whatever their order', () => {
  const models = ['x_x_x_x_x_x/x_x_x/x_x_x/x/x/x_x_x/x_x/x_', 'x_x_x_x_x/x_x_x_x_x_x_x/x/x/x_x_x/x_x_x_'];
  const names = fileNames(models);
  const [second, first] = models.map((model) => names.get(model));
  expect(first).toMatch(/-a32b28d5$/);
  expect(second).toMatch(/-[0-9a-f]{8}$/);
  expect(second).not.toBe(first);
  expect(fileNames(models.toReversed())).toEqual(names);
});

test('a model that is called like our own folder does not land in it', () => {
  expect(fileNames(['records']).get('records')).toMatch(/^model-records-[0-9a-f]{8}$/);
  expect(fileNames(['client_logs_1']).get('client_logs_1')).toMatch(/^model-client_logs_1-[0-9a-f]{8}$/);
});
