import { expect, test } from 'vitest';
import { parseEngineLog } from '../../parsers/engine-log.ts';
import { linesOf } from '../../parsers/evidence.ts';

const log = (stdout: string, stderr = '', tail = 20) =>
  parseEngineLog({ stdout: linesOf(stdout), stderr: linesOf(stderr) }, tail);

test('KV cache and concurrency, on one line (0.28 and later) or on two', () => {
  const one = 'CPU KV cache size: 1,048,576 tokens, Maximum concurrency for 4,096 tokens per request: 256.00x';
  const two = 'INFO GPU KV cache size: 1,234 tokens\nINFO Maximum concurrency for 128 tokens per request: 9.64x';
  expect(log(`INFO [kv_cache_utils.py:2327] ${one}`)).toMatchObject({
    kv_cache_tokens: { value: 1_048_576, line: 1 },
    max_concurrency: { value: { tokens_per_request: 4096, requests: 256 }, line: 1 },
  });
  expect(log(two)).toMatchObject({
    kv_cache_tokens: { value: 1234, line: 1 },
    max_concurrency: { value: { tokens_per_request: 128, requests: 9.64 }, line: 2 },
  });
});

test('of several workers the smallest KV cache counts, and every one’s weights', () => {
  const read = log(
    `(Worker_TP0 pid=1) INFO GPU KV cache size: 2,000 tokens
(Worker_TP1 pid=2) INFO GPU KV cache size: 1,900 tokens
(Worker_TP0 pid=1) INFO GPU KV cache size: 2,000 tokens
(Worker_TP0 pid=1) INFO Model loading took 14.99 GiB memory and 3.210000 seconds
(Worker_TP1 pid=2) INFO Model loading took 7.51 GiB and 3.300000 seconds`,
  );
  expect(read.kv_cache_tokens).toEqual({ value: 1900, line: 2 });
  expect(read.weights).toEqual([
    { value: { gib: 14.99, seconds: 3.21 }, line: 4 },
    { value: { gib: 7.51, seconds: 3.3 }, line: 5 },
  ]);
});

test('what is not printed is null', () => {
  expect(log('nothing of interest')).toMatchObject({
    kv_cache_tokens: null,
    max_concurrency: null,
    weights: [],
    quantized_layers: null,
    decisive_error: null,
    engine_failed_to_start: null,
    nvlink_error: null,
    engine_core_gone: null,
  });
});

test('the two texts of document 004, on either stream', () => {
  expect(log('(EngineCore pid=3) ERROR 11-22 05:29:51 [core.py:1510] EngineCore failed to start.')).toMatchObject({
    engine_failed_to_start: { line: 1 },
    nvlink_error: null,
  });
  expect(
    log('', 'x\nRuntimeError: CUDA error: uncorrectable NVLink error detected during the execution'),
  ).toMatchObject({
    nvlink_error: { line: 2 },
    engine_failed_to_start: null,
  });
});

test('keeps the last lines of each stream, however long it is', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `line ${index + 1}`).join('\n');
  const read = log(many, 'one\ntwo', 3);
  expect(read.last_lines.stdout).toEqual([4998, 4999, 5000].map((number) => ({ text: `line ${number}`, number })));
  expect(read.last_lines.stderr.map(({ text }) => text)).toEqual(['one', 'two']);
});
