import { expect, test } from 'vitest';
import { linesOf } from '../../parsers/evidence.ts';
import { parseThroughput } from '../../parsers/vllm-throughput.ts';

const run = (stdout: string, stderr = '') => parseThroughput({ stdout: linesOf(stdout), stderr: linesOf(stderr) });

const CLEAN = `Throughput: 1.23 requests/s, 456.78 total tokens/s, 90.12 output tokens/s
Total num prompt tokens:  1024
Total num output tokens:  256
`;

test('the three lines of every vllm bench throughput, 0.8.5 to 0.32', () => {
  const read = run(CLEAN);
  expect(read).toMatchObject({
    request_rps: { value: 1.23, decimals: 2, line: 1 },
    total_tps: { value: 456.78, line: 1 },
    output_tps: { value: 90.12, line: 1 },
    total_prompt_tokens: { value: 1024, decimals: 0, line: 2 },
    total_output_tokens: { value: 256, line: 3 },
    oddities: [],
  });
  expect(read.avg_ttft_s).toEqual({ value: null, line: null, why: 'no line `Average TTFT (s):` on stdout' });
});

test('the four more lines of our driver', () => {
  const more = `Average TTFT (s): 0.123456
P99 TTFT (s): 0.456000
Average TPOT (tokens/s): 81.2345
P99 TPOT (tokens/s): n/a (no request has a second output token (n < 2))
`;
  expect(run(CLEAN + more)).toMatchObject({
    avg_ttft_s: { value: 0.123456, decimals: 6, line: 4 },
    p99_ttft_s: { value: 0.456, decimals: 6, line: 5 },
    avg_tpot_tokens_per_s: { value: 81.2345, decimals: 4, line: 6 },
    p99_tpot_tokens_per_s: { value: null, line: 7, why: 'no request has a second output token (n < 2)' },
    oddities: [],
  });
});

test('the two-number line of the old script', () => {
  const read = run('Namespace(backend="vllm")\nThroughput: 12.30 requests/s, 4567.80 tokens/s\n');
  expect(read.request_rps).toMatchObject({ value: 12.3, line: 2 });
  expect(read.total_tps).toMatchObject({ value: 4567.8 });
  expect(read.output_tps).toEqual({
    value: null,
    line: 2,
    why: 'the two-number line of an old script has no output tokens/s',
  });
});

test('lines of a fork after the result do not disturb it', () => {
  expect(run(`${CLEAN}Median TTFT: 0.2\nthroughput: 5 requests/s\n`)).toMatchObject({ request_rps: { value: 1.23 } });
});

test.each([
  '(EngineCore pid=7) INFO 11-22 05:18:42 [loggers.py:335] Engine 000: Avg prompt throughput: 18000.5 tokens/s, Avg generation throughput: 1842.5 tokens/s, Running: 33 reqs',
  'Throughput: fast',
  'Throughput 1.23 requests/s, 456.78 total tokens/s, 90.12 output tokens/s',
])('no result: %s', (line) => {
  expect(run(`${line}\n`)).toMatchObject({ request_rps: { value: null, line: null }, oddities: [] });
});

test('of several results the last one wins, and it is said', () => {
  const read = run(`${CLEAN}Throughput: 2.00 requests/s, 3.00 total tokens/s, 1.00 output tokens/s\n`);
  expect(read.request_rps).toMatchObject({ value: 2, line: 4 });
  expect(read.oddities).toEqual([
    { code: 'several-lines', label: 'Throughput:', message: 'is printed again; the last one counts', line: 4 },
  ]);
});

test.each([
  '(Worker pid=9) INFO saved AOT compiled functionThroughput: 1.23 requests/s, 456.78 total tokens/s, 90.12 output tokens/s',
  'Throughput: 1.23 requests/s, 456.78 total tokens/s, 90.12 output tokens/s(EngineCore pid=7) INFO bye',
])('a result that another process wrote into is read, and it is said: %s', (line) => {
  const read = run(`${line}\n`);
  expect(read).toMatchObject({ request_rps: { value: 1.23 }, output_tps: { value: 90.12 } });
  expect(read.oddities).toMatchObject([{ code: 'glued-line', line: 1 }]);
});

test('a log line that quotes a result does not displace it', () => {
  const quoted =
    '(EngineCore pid=7) INFO [x.py:1] Throughput: 9.99 requests/s, 9.99 total tokens/s, 9.99 output tokens/s\n';
  expect(run(CLEAN + quoted).request_rps).toMatchObject({ value: 1.23, line: 1 });
  expect(run(quoted + CLEAN).request_rps).toMatchObject({ value: 1.23, line: 2 });
});

test('a count that another line ran into is no count', () => {
  const read = run('Total num prompt tokens:  1024W1122 05:18:35\n');
  expect(read.total_prompt_tokens).toMatchObject({ value: null, line: 1 });
  expect(read.oddities).toMatchObject([{ code: 'glued-line' }, { code: 'not-a-number' }]);
});

test.each(['nan', 'inf', '-1.00', '1e309', '1,234.00', '0x10'])('%s is no measurement', (text) => {
  const read = run(
    `Throughput: ${text} requests/s, 456.78 total tokens/s, 90.12 output tokens/s\nP99 TTFT (s): ${text}\n`,
  );
  expect(read.request_rps).toEqual({ value: null, line: 1, why: `\`${text}\` is not a number of 0 or more` });
  expect(read.total_tps).toMatchObject({ value: 456.78 });
  expect(read.p99_ttft_s).toMatchObject({ value: null, line: 2 });
  expect(read.oddities.map(({ code }) => code)).toEqual(['not-a-number', 'not-a-number']);
});

test.each(['12.5', '-3', '1e3', '99999999999999999999'])('%s is no number of tokens', (text) => {
  expect(run(`Total num output tokens:  ${text}\n`).total_output_tokens).toMatchObject({ value: null, line: 1 });
});

test('the lengths that vLLM samples: the last line counts, since warm-ups are sampled first', () => {
  const line = (input: number, output: number) =>
    `(MainProcess pid=1) INFO [utils.py:88] Sampling input_len from [${input}, ${input}] and output_len from [${output}, ${output}]\n`;
  expect(run(line(16, 1) + line(1024, 128)).sampled).toEqual({
    value: { input_len: [1024, 1024], output_len: [128, 128] },
    line: 2,
  });
  expect(run('').sampled).toMatchObject({ value: null, why: 'no line `Sampling input_len from ...`' });
});

test('length flags that vLLM says it ignores; its warning about the prefix is always there and says nothing', () => {
  const warning = (flag: string) =>
    `/venv/lib/throughput.py:998: UserWarning: Both --${flag} and --random-${flag} are specified. The random version (--random-${flag}) will be preferred in this run.\n`;
  const stderr = `${warning('input-len')}  validate_args(args)\n${warning('output-len')}${warning('prefix-len')}`;
  expect(run('', stderr).ignored_flags).toEqual([
    { value: '--input-len', line: 1 },
    { value: '--output-len', line: 3 },
  ]);
});
