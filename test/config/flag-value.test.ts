import { expect, test } from 'vitest';
import { flagCount, flagSwitch, flagValue, isSpeculative } from '../../src/config/flag-value.ts';

test.each([
  [['--dtype', 'half'], 'half'],
  [['--dtype=half'], 'half'],
  [['--dtype', 'half', '--dtype=bfloat16'], 'bfloat16'],
  [['--dtypes', 'half'], null],
  [['--dtype'], null],
  [[], null],
])('the value of --dtype in %j: %s', (words, value) => {
  expect(flagValue(words, '--dtype')).toBe(value);
});

test('dashes and underscores are the same in a name, and not in a value', () => {
  expect(flagValue(['--block_size=a_b'], '--block-size')).toBe('a_b');
});

// vLLM's human_readable_int: k is 1000, K is 1024.
test.each([
  ['2048', 2048],
  ['2k', 2000],
  ['2K', 2048],
  ['25.6k', 25_600],
  ['1M', 1_048_576],
  ['auto', null],
  ['-1', null],
  ['1e3', null],
  ['9'.repeat(30), null],
])('%s is the count %s', (text, count) => {
  expect(flagCount(['--max-num-batched-tokens', text], '--max-num-batched-tokens')).toBe(count);
});

test.each([
  [['--enforce-eager'], true],
  [['--enforce_eager'], true],
  [['--no-enforce-eager'], false],
  [['--enforce-eager', '--no-enforce-eager'], false],
  [['--enforce'], null],
])('%j switches enforce-eager: %s', (words, on) => {
  expect(flagSwitch(words, 'enforce-eager')).toBe(on);
});

test.each([
  // The spellings of vLLM 0.32.
  ['--speculative-config', true],
  ['--speculative_config={"method": "mtp"}', true],
  ['--speculative-config.method', true],
  ['-sc', true],
  ['-sc.method=mtp', true],
  ['--spec-method', true],
  ['--spec_tokens=3', true],
  ['--specialize-active-lora', false],
  ['-scale', false],
  ['speculative', false],
])('%s asks for speculative decoding: %s', (word, asked) => {
  expect(isSpeculative([word])).toBe(asked);
});
