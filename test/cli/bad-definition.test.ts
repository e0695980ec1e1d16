import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

/** One run that is right but for what is put into it; « stands before what is wrong. */
const run = (...lines: readonly string[]) =>
  ['standalone_runs:', '  - name: a', ...lines.map((l) => `    ${l}`), ''].join('\n');
const good = ['mode: vllm_throughput', 'model: m', 'length_configs: [{input_len: 8, output_len: 4}]'];
/** Nine times nine times nine ... texts when it is unfolded. */
const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', `b: &b [«${Array(9).fill('*a').join(', ')}]`].concat(
  ['cb', 'dc', 'ed', 'fe', 'gf', 'hg', 'ih'].map(
    ([name, of]) => `${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]`,
  ),
);

/** The bad input of the issue. */
const BAD = [
  { what: 'a missing colon', text: run('mode: vllm_throughput', '«model m'), says: "missing ':' after model" },
  { what: 'a misspelt key', text: run(...good, '«repeat: 3'), says: 'did you mean repeats?' },
  {
    what: 'a negative length',
    text: run(...good.slice(0, 2), 'length_configs: [{input_len: «-8, output_len: 4}]'),
    says: 'expected at least 1, got -8',
  },
  { what: 'an empty list', text: run(...good.slice(0, 2), 'workloads: «[]'), says: 'workloads is an empty list' },
  {
    what: 'a mode that does not exist',
    text: run('mode: «vlm_throughput', ...good.slice(1)),
    says: 'did you mean vllm_throughput?',
  },
  {
    what: 'an unknown workload',
    text: run(...good.slice(0, 2), 'workloads: [«chatbt]'),
    says: 'did you mean chatbot?',
  },
  { what: 'unbalanced quotes in args', text: run(...good, `args: --served-model-name «'x`), says: 'unbalanced quotes' },
  { what: 'a YAML bomb', text: `${bomb.join('\n')}\n${run(...good)}`, says: 'YAML bomb' },
  {
    what: 'a sweep of more points than --max-jobs',
    text: run(...good, `num_prompts: [${Array.from({ length: 11 }, (_, i) => i + 1).join(', ')}]`).replace(
      'name: a',
      'name: «a',
    ),
    says: '11 points',
  },
  { what: 'the same thing said twice', text: run(...good, 'args: «--model other'), says: 'model at 4:5 says "m"' },
] as const;

/** `line:column` of the mark, and the line that it stands in. */
function place(marked: string): { at: string; line: string } {
  const lines = marked.split('\n');
  const index = lines.findIndex((line) => line.includes('«'));
  const line = lines[index] ?? '';
  return { at: `${index + 1}:${line.indexOf('«') + 1}`, line: line.replace('«', '') };
}

const COMMANDS = [
  ['run', '--max-jobs', '10', '--python', STAND_IN_PYTHON],
  ['run', '--max-jobs', '10', '--dry-run', '--python', STAND_IN_PYTHON],
  ['plan', '--max-jobs', '10', '--python', STAND_IN_PYTHON],
  ['validate', '--max-jobs', '10'],
  ['datasets', '--max-jobs', '10', '--python', STAND_IN_PYTHON],
];

describe.each(COMMANDS)('%s %s %s %s refuses with exit code 2, and starts and writes nothing:', (...command) => {
  test.each(BAD)('$what', async ({ text, says }) => {
    const on = host();
    const file = on.write('bad.yaml', text.replaceAll('«', ''));
    const { code, stdout, stderr } = await orchestrate(on, [...command.filter((word) => word !== undefined), file]);
    const { at, line } = place(text);
    expect(stderr).toContain(`bad.yaml:${at}  `);
    expect(stderr).toContain(line);
    expect(stderr).toContain(says);
    expect([code, stdout]).toEqual([2, '']);
    expect(on.calls()).toEqual([]);
    expect(readdirSync(on.cwd)).toEqual(['bad.yaml']);
  });
});

test('every problem is said at once, in the order of the text', async () => {
  const on = host();
  const text = run('mode: vlm', 'model: m', 'workloads: [chatbt]', 'repeats: 0', 'seeds: 1');
  const { code, stderr } = await orchestrate(on, [on.write('bad.yaml', text)]);
  expect(code).toBe(2);
  expect(stderr).toContain('4 problems in bad.yaml; nothing was started');
  expect(stderr.match(/^bad\.yaml:\d+/gm)).toEqual(['bad.yaml:3', 'bad.yaml:5', 'bad.yaml:6', 'bad.yaml:7']);
});

test('flags of run-single are refused in the same way', async () => {
  const on = host();
  const words = [
    'run-single',
    '--python',
    STAND_IN_PYTHON,
    '--',
    '--model',
    'm',
    '--input-len',
    '-8',
    '--output-len',
    '4',
  ];
  const { code, stderr } = await orchestrate(on, words);
  expect(code).toBe(2);
  expect(stderr).toContain('at least 1, got -8');
  expect(on.calls()).toEqual([]);
  expect(readdirSync(on.cwd)).toEqual([]);
});

test('run-single with a flag that the orchestrator owns says why', async () => {
  const on = host();
  const { code, stderr } = await orchestrate(on, ['run-single', '--', '--model', 'm', '--output-json', 'x.json']);
  expect(code).toBe(2);
  expect(stderr).toContain('--output-json cannot be used here');
});
