import { describe, expect, test, vi } from 'vitest';
import { found, goodRun, problemsOf, runOf, specOf } from './definition.ts';

describe('text that is no YAML, at its place', () => {
  test.each([
    { what: 'a tab in the indentation', text: 'standalone_runs:\n«\t»- name: a\n', says: 'a tab in the indentation' },
    { what: 'a key twice', text: goodRun('«model»: n'), says: 'given before in the same map' },
    { what: 'a root key twice', text: `retries: 1\n«retries»: 2\n${goodRun()}`, says: 'given before in the same map' },
    { what: 'an alias without its anchor', text: goodRun('env: «*nowhere»'), says: 'Unresolved alias' },
    { what: 'two documents', text: `${goodRun()}«---»\nretries: 1\n`, says: 'multiple documents' },
    { what: 'nothing', text: '«»', says: 'expected a map, got nothing' },
    { what: 'only a comment', text: '«»# later\n', says: 'expected a map, got nothing' },
    { what: 'a sentence', text: '«hello»', says: 'expected a map, got "hello"' },
    { what: 'a list', text: '«- a»\n', says: 'expected a map, got ["a"]' },
  ])('$what', ({ text, says }) => {
    const { marked, places, messages } = found(text);
    expect(places).toEqual(marked);
    expect(messages).toEqual([expect.stringContaining(says)]);
  });

  test('a list that is never closed', () => {
    const [problem] = problemsOf(goodRun('tensor_parallel_sizes: [1, 2'));
    // The parser notices at the end of the text: the line after the seven of this one.
    expect(problem).toMatchObject({
      message: expect.stringContaining('must be sufficiently indented and end with a ]'),
    });
    expect(problem?.line).toBeGreaterThanOrEqual(6);
  });

  test('several of them are all said, in the order of the text', () => {
    const { marked, places } = found(
      'standalone_runs:\n  - name: a\n    «mode» vllm_throughput\n    model: m\n  - name: b\n    model: n\n    «model»: o\n',
    );
    expect(places).toEqual(marked);
  });

  test('what stands in the next item of a list is no echo of a key without its colon', () => {
    const { marked, places } = found(
      'standalone_runs:\n  - «name» a\n    model: m\n  - name: b\n    model: n\n    «model»: o\n',
    );
    expect(places).toEqual(marked);
  });
});

describe('quotes in args that are not closed', () => {
  test.each([
    { args: `"--served-model-name 'x"`, column: 11 },
    { args: `--served-model-name "x`, column: 11 },
    { args: `--served-model-name x\\`, column: 11 },
  ])('$args', ({ args, column }) => {
    const [problem, ...others] = problemsOf(goodRun(`args: ${args}`));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ line: 6, message: 'args: unbalanced quotes' });
    expect(problem?.column).toBeGreaterThanOrEqual(column);
    expect(problem?.hint).toContain('close the quote');
  });

  // In a folded block the mark stands at `>-`, lines above the quote.
  test('the place is the quote', () => {
    const { marked, places } = found(goodRun('args: >-', '  --enforce-eager', '  --served-model-name «"»x'));
    expect(places).toEqual(marked);
  });
});

describe('a YAML tag', () => {
  test.each([
    { text: goodRun('seed: «!foo» 3'), tag: '!foo' },
    { text: goodRun('env: «!vault» {A: b}'), tag: '!vault' },
    { text: goodRun('seed: «!<tag:example.com,2000:x>» 3'), tag: 'tag:example.com,2000:x' },
  ])('that nobody knows is not read over: $tag', ({ text, tag }) => {
    const { marked, places, messages } = found(text);
    expect(places).toEqual(marked);
    expect(messages).toEqual([`the YAML tag ${tag} means nothing here`]);
  });

  test('of YAML itself is fine', () => {
    expect(specOf(goodRun('env: {A: !!str 3}')).env).toEqual({ A: '3' });
  });
});

describe('aliases', () => {
  test('a bomb is refused at once, at its first alias', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `x${i + 1}: &x${i + 1} [${Array(9).fill(`*x${i}`).join(', ')}]`);
    // 9^9 texts when it is unfolded
    const text = `x0: &x0 [a]\n${levels.join('\n')}\n${goodRun()}`;
    const begin = performance.now();
    const problems = problemsOf(text);
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(problems).toEqual([expect.objectContaining({ line: 2, message: expect.stringContaining('YAML bomb') })]);
  });

  test('a bomb of merge keys takes no time', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `x${i + 1}: &x${i + 1} {<<: [${Array(9).fill(`*x${i}`).join(', ')}]}`,
    );
    const begin = performance.now();
    problemsOf(`x0: &x0 {repeats: 2}\n${levels.join('\n')}\n${goodRun()}`);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test('a handful is fine', () => {
    const text = [
      'defaults: &base {mode: vllm_throughput, model: m, length_configs: &lengths [{input_len: 8, output_len: 8}]}',
      'standalone_runs:',
      '  - {name: a, length_configs: *lengths}',
      '  - {name: b, length_configs: *lengths}',
    ].join('\n');
    expect(problemsOf(text)).toEqual([]);
  });

  test('a merge key brings its fields in, and a problem in them stands where they are written', () => {
    const merged = (repeats: string) =>
      `defaults: &base {repeats: ${repeats}}\n${runOf('<<: *base', 'mode: vllm_throughput', 'model: m', 'workloads: [chatbot]')}`;
    expect(problemsOf(merged('2'))).toEqual([]);
    const { marked, places } = found(merged('«0»'));
    expect(places).toEqual(marked);
  });

  test('a merge key of a list of maps, and of a key that is there already', () => {
    const text = [
      'defaults: &base {repeats: 2, seed: 1}',
      'standalone_runs:',
      '  - &first {name: a, mode: vllm_throughput, model: m, workloads: [chatbot]}',
      '  - {<<: [*first, *base], name: b, seed: 3}',
    ].join('\n');
    expect(problemsOf(text)).toEqual([]);
  });

  test.each(['standalone_runs: &a\n  - *a\n', 'defaults: &a {env: *a}\nstandalone_runs: [{name: x}]\n'])(
    'one that contains itself is a problem, not a crash: %j',
    (text) => {
      expect(problemsOf(text)).not.toEqual([]);
    },
  );
});

describe('the YAML library', () => {
  test('prints no warnings of its own', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    problemsOf(`? {a: b}\n: c\n${goodRun()}`);
    const { calls } = warn.mock;
    warn.mockRestore();
    expect(calls).toEqual([]);
  });
});

describe('brackets nested ten thousand deep', () => {
  test('are a problem, not a crash', () => {
    expect(problemsOf('['.repeat(10_000)).length).toBeGreaterThan(0);
  });

  test('are one problem', () => {
    expect(problemsOf('['.repeat(10_000))).toHaveLength(1);
  });
});
