import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readArgs } from '../../src/config/args.ts';
import { goodRun, specOf } from './definition.ts';

/** Quoted as a POSIX shell needs it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

describe('every other flag of args goes to vLLM word for word', () => {
  test.each([
    { args: '--enforce-eager --dtype bfloat16', words: ['--enforce-eager', '--dtype', 'bfloat16'] },
    { args: '--compilation-config.level 3', words: ['--compilation-config.level', '3'] },
    { args: '--compilation_config.cudagraph_mode=NONE', words: ['--compilation_config.cudagraph_mode=NONE'] },
    { args: '--hf-overrides.max_model_len=5', words: ['--hf-overrides.max_model_len=5'] },
    { args: '-O3 -cc.mode=3', words: ['-O3', '-cc.mode=3'] },
    { args: '--swap-space -1', words: ['--swap-space', '-1'] },
    { args: '--some-scale -0.5 --other -.5', words: ['--some-scale', '-0.5', '--other', '-.5'] },
    { args: '--served-model-name "two words"', words: ['--served-model-name', 'two words'] },
    { args: '--served-model-name a"b"c', words: ['--served-model-name', 'abc'] },
    { args: '--empty ""', words: ['--empty', ''] },
    { args: '--name x#y', words: ['--name', 'x#y'] },
    { args: '--name $HOME *', words: ['--name', '$HOME', '*'] },
    { args: '--max-num-batched-tokens 8192', words: ['--max-num-batched-tokens', '8192'] },
    { args: '--data-parallel-backend mp', words: ['--data-parallel-backend', 'mp'] },
    { args: '--model-impl vllm', words: ['--model-impl', 'vllm'] },
    { args: '--seed-like 1', words: ['--seed-like', '1'] },
  ])('$args', ({ args, words }) => {
    expect(readArgs(args)).toEqual({ lifted: [], rest: words, problems: [] });
  });

  test('a folded block keeps the quotes of a JSON value, and its line ends are no words', () => {
    const spec = specOf(
      goodRun(
        'args: >',
        `  --hf-overrides '{"rope_scaling": {"factor": 2.0}}'`,
        '  --speculative-config={\\"method\\":\\"ngram\\"}',
        '  --enforce-eager',
      ),
    );
    expect(spec.extra_args).toEqual([
      '--hf-overrides',
      '{"rope_scaling": {"factor": 2.0}}',
      '--speculative-config={"method":"ngram"}',
      '--enforce-eager',
    ]);
  });

  test('owned flags between them are taken out, and the order of the rest stays', () => {
    const spec = specOf(goodRun('args: --b 2 -tp 4 --a=1 --seed=3 --flag --num-prompts 9 --c'));
    expect(spec.extra_args).toEqual(['--b', '2', '--a=1', '--flag', '--c']);
    expect(spec).toMatchObject({ tensor_parallel_sizes: [4], seed: 3, num_prompts: [9] });
  });

  test('any JSON value in quotes arrives unchanged', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const text = goodRun(`args: ${JSON.stringify(`--hf-overrides ${quoted(json)}`)}`);
        expect(specOf(text).extra_args).toEqual(['--hf-overrides', json]);
      }),
    );
  });
});

test('words are split as Python splits them, which splits the words of vLLM’s own users', () => {
  // Left out of the alphabet: `$'` and backslash newline, where Python's shlex differs from a POSIX shell.
  const character = fc.constantFrom(...`a1-=.,:{}[]*~é#"' \t\n`, '\\"', "\\'", '\\\\', '\\ ');
  const texts = fc.sample(
    fc.array(character, { maxLength: 14 }).map((parts) => `--f ${parts.join('')}`),
    { numRuns: 2000, seed: 4 },
  );
  const expected = splitByPython(texts);
  for (const [index, text] of texts.entries()) {
    const args = readArgs(text);
    const words = args.problems.some(({ message }) => message.includes('unbalanced')) ? null : args.rest;
    expect({ text, words }).toEqual({ text, words: expected[index] });
  }
});

function splitByPython(texts: readonly string[]): (string[] | null)[] {
  const program = `
import json, shlex, sys
def split(text):
    try: return shlex.split(text)
    except ValueError: return None
print(json.dumps([split(text) for text in json.load(sys.stdin)]))`;
  return JSON.parse(execFileSync('python3', ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' }));
}
