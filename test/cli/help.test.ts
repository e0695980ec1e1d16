import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { host, orchestrate } from './shell.ts';

const COMMANDS = [
  ...[
    'run',
    'plan',
    'validate',
    'run-single',
    'datasets',
    'visualize',
    'report',
    'status',
    'setup',
    'doctor',
    'explain',
    'schema',
  ],
  'completion',
];

describe('help', () => {
  test('lists every command, with examples and the exit codes', async () => {
    const { code, stdout, stderr } = await orchestrate(host(), ['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes: 0 ');
  });

  test.each(COMMANDS.filter((command) => command !== 'completion'))('of %s has an example of it', async (command) => {
    const { code, stdout, stderr } = await orchestrate(host(), [command, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    const example = command === 'run' ? 'orchestrate standalone_runs.yaml' : `orchestrate ${command}`;
    expect(stdout.slice(stdout.indexOf('Example'))).toContain(example);
  });

  test('of completion has an example of it', async () => {
    const { code, stdout } = await orchestrate(host(), ['completion', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('source <(orchestrate completion bash)');
  });

  test('names the default of every option that has one', async () => {
    const { stdout } = await orchestrate(host(), ['run', '--help']);
    for (const option of ['--output-dir', '--max-retries', '--retry-delay', '--max-jobs', '--python'])
      expect(stdout.replace(/\s+/g, ' ')).toMatch(new RegExp(`${option} <.*?\\(default: `));
  });

  test('is what a bare command prints, on stderr, and wrong usage', async () => {
    const { code, stdout, stderr } = await orchestrate(host(), []);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Examples:');
  });
});

test('the version is that of package.json', async () => {
  const { code, stdout } = await orchestrate(host(), ['--version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('wrong usage is exit code 2, with a hint', () => {
  test.each([
    { words: ['run', 'a.yaml', '--nonsense'], says: '--nonsense' },
    { words: ['a.yaml', '--dry-rum'], says: 'Did you mean --dry-run?' },
    { words: ['plan', 'a.yaml', '--jsn'], says: 'Did you mean --json?' },
    { words: ['plan'], says: "missing required argument 'file'" },
    { words: ['plan', 'a.yaml', 'b.yaml'], says: 'too many arguments' },
    { words: ['validate'], says: "missing required argument 'file'" },
    { words: ['a.yaml', '--output-dir'], says: 'argument missing' },
    { words: ['a.yaml', '--max-retries', 'often'], says: 'expected a whole number' },
    { words: ['a.yaml', '--max-retries', '-1'], says: 'at least 0' },
    { words: ['a.yaml', '--max-retries', '1.5'], says: 'expected a whole number' },
    { words: ['a.yaml', '--retry-delay', 'soon'], says: 'expected seconds' },
    { words: ['a.yaml', '--retry-delay', '-1'], says: 'at least 0' },
    { words: ['a.yaml', '--max-jobs', ''], says: 'expected a whole number' },
    { words: ['plna'], says: 'did you mean: orchestrate plan?' },
    { words: ['run', 'nowhere.yaml'], says: 'nowhere.yaml: there is no such file' },
    { words: ['status'], says: "missing required argument 'dir'" },
    { words: ['validate', '.'], says: 'this is a folder' },
    { words: ['completion', 'tcsh'], says: 'bash' },
  ])('$words', async ({ words, says }) => {
    const on = host();
    const { code, stdout, stderr } = await orchestrate(on, words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('    at ');
  });

  test('a misspelt command with a file is called misspelt', async () => {
    const on = host();
    const { code, stderr } = await orchestrate(on, ['plna', on.write('a.yaml', '')]);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean: orchestrate plan?');
  });

  test('a file that is called like a misspelt command is a file', async () => {
    const on = host();
    const { stderr } = await orchestrate(on, [on.write('plna', 'retries: -1\n')]);
    expect(stderr).toContain('plna:1:10');
  });
});

test('completion bash prints a script that bash takes', () => {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const script = execFileSync(process.execPath, [main, 'completion', 'bash'], { encoding: 'utf8' });
  expect(script).toContain('complete -F');
  // Throws when bash finds a fault in it.
  execFileSync('bash', ['-n'], { input: script });
});
