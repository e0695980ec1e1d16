import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { point } from '../run/runs.ts';
import { definition, host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const python = ['--python', STAND_IN_PYTHON];

describe('exit codes of a run', () => {
  test.each([
    { what: 'all valid', runs: [point('measures'), point('measures-2', 16)], code: 0, says: '2 points: 2 valid' },
    {
      what: 'some failed',
      runs: [point('measures'), point('job-failed', 16)],
      code: 3,
      says: '2 points: 1 valid, 1 failed',
    },
    {
      what: 'some invalid',
      runs: [point('measures'), point('measures-other', 16)],
      code: 3,
      says: '1 valid, 1 invalid',
    },
    {
      what: 'some skipped',
      runs: [point('measures'), point('measures-2', 8, { tensor_parallel_sizes: [4096] })],
      code: 3,
      says: '1 valid, 1 skipped',
    },
    { what: 'some repeats missing', runs: [point('engine-dies-once', 8, { repeats: 2 })], code: 3, says: '1 valid' },
    {
      what: 'nothing usable',
      runs: [point('job-failed'), point('measures-other', 16)],
      code: 4,
      says: '1 invalid, 1 failed',
    },
  ])('$what: $code', async ({ runs, code, says }) => {
    const on = host();
    const typed = await orchestrate(on, [on.write('a.yaml', definition(...runs)), ...python]);
    expect([typed.code, typed.stderr]).toEqual([code, '']);
    expect(typed.stdout).toContain(says);
  });

  test.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
    { signal: 'SIGHUP', code: 129 },
  ] as const)('$signal: $code, with how to go on', async ({ signal, code }) => {
    const on = host();
    const file = on.write(
      'my run.yaml',
      definition(point('measures'), point('hangs-once', 16), point('measures-2', 24)),
    );
    const words = [file, '--output-dir', 'out', ...python];
    const first = await orchestrate(on, words, { signalWhen: { signal, happened: () => on.met('hangs-once') } });
    expect(first.code).toBe(code);
    expect(first.stdout).toContain(`${signal}: stopping the engine and its workers; every finished point is kept`);
    expect(first.stdout).toMatch(new RegExp(`interrupted by ${signal}; 2 measurements .*left`));
    // The whole command, as a shell takes it.
    expect(first.stdout).toContain(
      `to go on: orchestrate 'my run.yaml' --output-dir out --python ${STAND_IN_PYTHON}\n`,
    );
    const second = await orchestrate(on, words);
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('1 of 3 measurements are there already');
    expect(second.stdout).not.toContain('to go on:');
  });
});

describe('a run', () => {
  test('writes to results/<name of the file>, or where it is told', async () => {
    const on = host();
    const file = on.write('nightly.yaml', definition());
    await orchestrate(on, [file, ...python]);
    expect(readdirSync(on.cwd)).toEqual(['nightly.yaml', 'results']);
    expect(readdirSync(join(on.cwd, 'results', 'nightly'))).toContain('summary_report.json');
    await orchestrate(on, [file, '--output-dir', 'else/where', ...python]);
    expect(readdirSync(join(on.cwd, 'else', 'where'))).toContain('summary_report.json');
    const text = JSON.stringify({ output_dir: 'said', ...JSON.parse(definition()) });
    await orchestrate(on, [on.write('other.yaml', text), ...python]);
    expect(readdirSync(join(on.cwd, 'said'))).toContain('summary_report.json');
  });

  test('says where everything is, in lines that a person reads', async () => {
    const on = host();
    const { stdout } = await orchestrate(on, [
      on.write('a.yaml', definition(point('measures', 8, { repeats: 2 }))),
      ...python,
    ]);
    expect(stdout).toContain(`2 measurements in 1 launch -> ${join(on.cwd, 'results/a')}`);
    expect(stdout).toMatch(
      /starting the engine for measures_TP-1 \(2 measurements\); log: client_logs_\d{8}_\d{6}\/1_/,
    );
    expect(stdout).toContain('engine ready after 1 s');
    // 16 tokens in 2 s
    expect(stdout).toContain('1/2 measures_TP-1_ISL-8_OSL-4 repeat 1/2: 8 output tok/s in 2.00 s');
    expect(stdout).toContain('report: results/a/summary_report.json');
  });

  test('keeps the definition as it was written', async () => {
    const on = host();
    const text = `# mine\n${definition()}`;
    await orchestrate(on, [on.write('a.yaml', text), ...python]);
    expect(readFileSync(join(on.cwd, 'results/a/run.yaml'), 'utf8')).toBe(text);
  });

  test.each([
    { flags: ['--max-retries', '2', '--retry-delay', '0'], yaml: {}, attempts: 3 },
    { flags: [], yaml: { retries: 0 }, attempts: 1 },
    { flags: ['--max-retries', '0'], yaml: { retries: 5, retry_delay_seconds: 0 }, attempts: 1 },
    { flags: [], yaml: { retries: 1, retry_delay_seconds: 0.1 }, attempts: 2 },
    { flags: ['--retry-delay', '0.1'], yaml: {}, attempts: 2 },
  ])('$flags and $yaml: $attempts attempts', async ({ flags, yaml, attempts }) => {
    const on = host();
    const text = JSON.stringify({ ...yaml, standalone_runs: [point('measures', 8, { model: 'x/nvlink-at-start' })] });
    const { code, stdout } = await orchestrate(on, [on.write('a.yaml', text), ...flags, ...python]);
    expect(code).toBe(4);
    expect(stdout.match(/^starting the engine/gm)).toHaveLength(attempts);
  });

  test('tells the driver what the environment holds', async () => {
    const on = host();
    await orchestrate(on, [on.write('a.yaml', definition()), ...python], { env: { HF_HOME: '/models' } });
    const { variables } = JSON.parse(readFileSync(join(on.cwd, 'results/a/environment.json'), 'utf8'));
    expect(variables).toMatchObject({ HF_HOME: '/models' });
  });
});

describe('--prompt-for-confirmation', () => {
  const words = (on: ReturnType<typeof host>) => [
    on.write('a.yaml', definition()),
    '--prompt-for-confirmation',
    ...python,
  ];

  test('shows the plan, asks, and starts on yes', async () => {
    const on = host();
    const { code, stdout, stderr } = await orchestrate(on, words(on), { answer: 'y' });
    expect(stderr).toContain('Start 1 measurements? [y/N]');
    expect(stdout.indexOf('1 launch, 1 point, 1 measurement')).toBe(0);
    expect(stdout).toContain('1 points: 1 valid'.replace('points', 'point'));
    expect(code).toBe(0);
  });

  test.each(['n', '', 'yesterday'])('starts nothing on %j', async (answer) => {
    const on = host();
    const { code, stdout } = await orchestrate(on, words(on), { answer });
    expect(code).toBe(0);
    expect(stdout).not.toContain('starting the engine');
    expect(on.calls().filter((call) => !/probe\.py|fetch_config\.py/.test(call))).toEqual([]);
  });

  // The folder is made to see whether it can be, before the question.
  test('leaves no folder after a no', async () => {
    const on = host();
    await orchestrate(on, words(on), { answer: 'n' });
    expect(readdirSync(on.cwd)).toEqual(['a.yaml']);
  });

  test('without a terminal to ask at is wrong usage', async () => {
    const on = host();
    const { code, stderr } = await orchestrate(on, words(on));
    expect(code).toBe(2);
    expect(stderr).toContain('needs a terminal');
  });
});

describe('run-single', () => {
  const flags = ['--model', 'stand-in/model', '--input-len', '8', '--output-len', '4', '--num-prompts', '4'];

  test('measures the point of its flags', async () => {
    const on = host();
    const words = ['run-single', '--run-name', 'measures', ...python, '--', ...flags, '--num-warmups', '1'];
    const { code, stdout } = await orchestrate(on, words);
    expect(code).toBe(0);
    expect(stdout).toContain('report: results/measures/summary_report.json');
    const [entry] = JSON.parse(readFileSync(join(on.cwd, 'results/measures/summary_report.json'), 'utf8'));
    expect(entry).toMatchObject({
      run_name: 'measures_TP-1_ISL-8_OSL-4',
      status: 'SUCCESS',
      config: { 'input-len': 8, 'output-len': 4, 'num-prompts': 4, warmups: 1 },
    });
  });

  test('hands flags on word for word', async () => {
    const on = host();
    const words = [
      'run-single',
      '--dry-run',
      ...python,
      '--',
      ...flags,
      '--hf-overrides',
      '{"a": "it\'s"}',
      '--enforce-eager',
    ];
    const { code, stdout } = await orchestrate(on, words);
    expect(code).toBe(0);
    expect(stdout).toContain(`--hf-overrides '{"a": "it'"'"'s"}' --enforce-eager`);
  });

  test('--gpu-ids chooses the devices', async () => {
    const on = host();
    const words = ['run-single', '--run-name', 'measures', '--gpu-ids', '0,1', ...python, '--', ...flags];
    expect((await orchestrate(on, words)).code).toBe(0);
    const { variables } = JSON.parse(readFileSync(join(on.cwd, 'results/measures/environment.json'), 'utf8'));
    expect(variables).toMatchObject({ CUDA_VISIBLE_DEVICES: '0,1' });
  });
});
