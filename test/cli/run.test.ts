import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { point } from '../run/runs.ts';
import { definition, END_OF_INPUT, host, orchestrate, STAND_IN_PYTHON, type Typed } from './shell.ts';

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
    { what: 'some repeats missing', runs: [point('is-killed-once', 8, { repeats: 2 })], code: 3, says: '1 valid' },
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

  test('another run in the directory: 5', async () => {
    const on = host();
    const file = on.write('a.yaml', definition(point('hangs-once')));
    let second: Promise<Typed> | null = null;
    let ended = false;
    const happened = () => {
      if (!on.met('hangs-once')) return false;
      second ??= orchestrate(on, [file, ...python]).finally(() => {
        ended = true;
      });
      return ended;
    };
    await orchestrate(on, [file, ...python], { signalWhen: { signal: 'SIGINT', happened } });
    const refused = await second;
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('another run is going on in') });
  });

  test('a fault of our own: 70', async () => {
    const on = host();
    const words = [on.write('a.yaml', definition()), ...python];
    mkdirSync(join(on.cwd, 'results/a/events.jsonl'), { recursive: true });
    expect(await orchestrate(on, words)).toMatchObject({ code: 70, stderr: expect.stringContaining('a fault in') });
  });
});

describe('a second Ctrl-C', () => {
  test('kills at once what would take its time to end', async () => {
    const on = host();
    const file = on.write('a.yaml', definition(point('measures'), point('ignores-term-once', 16)));
    const began = performance.now();
    const signalWhen = { signal: 'SIGINT', happened: () => on.met('ignores-term-once') } as const;
    const { code, stdout } = await orchestrate(on, [file, ...python], { signalWhen, againAfter: 200 });
    expect(code).toBe(130);
    expect(stdout).toContain('SIGINT again: killing the engine and its workers\n');
    expect(stdout).toContain('interrupted by SIGINT; ');
    // Less than the 10 s that an engine is given to end in order.
    expect(performance.now() - began).toBeLessThan(8000);
  });
});

describe('the last lines', () => {
  test('name what failed, why, what to do, and the commands that measure only that', async () => {
    const on = host();
    const runs = [point('measures'), point('job-failed', 16), point('measures-other', 24)];
    const words = [on.write('a.yaml', definition(...runs)), ...python];
    const { stdout } = await orchestrate(on, words);
    const lines = stdout.slice(stdout.indexOf('\nreport:'));
    expect(lines).toContain('\nfailed (measurement): job-failed_TP-1_ISL-16_OSL-4\n');
    expect(lines).toContain('\n  log: results/a/client_logs_');
    expect(lines).toMatch(/\ninvalid \([\w-]+\): measures-other_TP-1_ISL-24_OSL-4\n/);
    expect(lines).toContain(`\nto measure only what is missing: orchestrate ${words.join(' ')}\n`);
    expect(lines).toContain(`\nto measure the invalid again: orchestrate ${words.join(' ')} --remeasure-invalid\n`);
  });

  test('of a run without trouble name nothing', async () => {
    const on = host();
    const { stdout } = await orchestrate(on, [on.write('a.yaml', definition()), ...python]);
    expect(stdout).toMatch(/\nreport: results\/a\/summary_report\.json, charts and logs beside it\n$/);
  });
});

test('--remeasure-invalid measures again what is invalid, and nothing else', async () => {
  const on = host();
  const runs = [point('measures'), point('measures-other', 16)];
  const words = [on.write('a.yaml', definition(...runs)), ...python, '--json'];
  const measuredIn = ({ stdout }: Typed) =>
    [...stdout.matchAll(/"event":"measured".*?"run_name":"(?<name>[^_]+)_/g)].map(({ groups }) => groups?.['name']);
  expect(measuredIn(await orchestrate(on, words)).toSorted()).toEqual(['measures', 'measures-other']);
  expect(measuredIn(await orchestrate(on, words))).toEqual([]);
  expect(measuredIn(await orchestrate(on, [...words, '--remeasure-invalid']))).toEqual(['measures-other']);
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
    expect(stderr).toContain('Start 1 measurement? [y/N]');
    expect(stdout.indexOf('1 launch, 1 point, 1 measurement')).toBe(0);
    expect(stdout).toContain('1 points: 1 valid'.replace('points', 'point'));
    expect(code).toBe(0);
  });

  test('asks for up to so many where points end when they are steady', async () => {
    const on = host();
    const until = { cv: 0.05, max_repeats: 9 };
    const file = on.write('a.yaml', definition(point('measures', 8, { until })));
    const { stderr } = await orchestrate(on, [file, '--prompt-for-confirmation', ...python], { answer: 'n' });
    expect(stderr).toContain('Start up to 9 measurements? [y/N]');
  });

  test.each(['n', '', 'yesterday', END_OF_INPUT])('starts nothing on %j', async (answer) => {
    const on = host();
    const { code, stdout } = await orchestrate(on, words(on), { answer });
    expect(code).toBe(0);
    expect(stdout).not.toContain('starting the engine');
    expect(on.calls().filter((call) => !/probe\.py|fetch_config\.py/.test(call))).toEqual([]);
  });

  test('is interrupted by Ctrl-C, which is no answer', async () => {
    const on = host();
    const { code, stderr } = await orchestrate(on, words(on), { answer: '\u0003', isTTY: true });
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted by SIGINT: nothing was started');
    expect(readdirSync(on.cwd)).toEqual(['a.yaml']);
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
