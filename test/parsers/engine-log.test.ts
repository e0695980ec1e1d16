import { expect, test } from 'vitest';
import { parseEngineLog, parseEngineLogFacts } from '../../parsers/engine-log.ts';
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

test.each([
  // Read in vLLM's source of the versions named; those with a CPU kernel are from recorded runs of 0.32.
  [
    '[__init__.py:923] Using CPUWNA16LinearKernel for mixed-precision linear',
    'CPUWNA16LinearKernel for mixed-precision linear',
  ],
  [
    '[auto_awq.py:451] Using CPUWNA16LinearKernel for AutoAWQMarlinLinearMethod',
    'CPUWNA16LinearKernel for AutoAWQMarlinLinearMethod',
  ],
  [
    '[__init__.py:758] Selected CPUFp8BlockScaledMMKernel for Fp8PerBlockOnlineLinearMethod',
    'CPUFp8BlockScaledMMKernel for Fp8PerBlockOnlineLinearMethod',
  ],
  ['[__init__.py:1028] Using MarlinMxFp4LinearKernel for MXFP4 GEMM', 'MarlinMxFp4LinearKernel for MXFP4 GEMM'],
  ['[modelopt.py:968] Using flashinfer-cutlass for NVFP4 GEMM', 'flashinfer-cutlass for NVFP4 GEMM'],
  ["[mxfp4.py:499] Using 'MARLIN' Mxfp4 MoE backend.", "'MARLIN' Mxfp4 MoE backend"],
  ['[fp8.py:159] Using Marlin backend for FP8 MoE', 'Marlin backend for FP8 MoE'],
  ['[cuda.py:507] Using FLASH_ATTN attention backend out of potential backends: [...]', 'FLASH_ATTN attention backend'],
  ['[cuda.py:221] Using Flash Attention backend on V1 engine.', 'Flash Attention backend'],
  [
    '[marlin_utils_fp4.py:341] Your GPU does not have native support for FP4 computation but FP4 quantization is being used. Weight-only FP4 compression will be used leveraging the Marlin kernel.',
    'weight-only FP4 by Marlin',
  ],
])('%s', (line, kernel) => {
  expect(log(`(Worker pid=9) INFO 11-22 06:01:04 ${line}`).kernels).toEqual([{ value: kernel, line: 1 }]);
});

test.each([
  '[utils.py:347] Using LBHNC KV cache layout.',
  '[model.py:2152] Using max model len 4096',
  '[mla_attention.py:530] Using fp8_ds_mla KV cache format for FLASHMLA backend.',
  '[base.py:123] Using Transformers modeling backend.',
  'Using MarlinMxFp4LinearKernel for MXFP4 GEMM',
])('%s names no kernel', (line) => {
  expect(log(`INFO ${line}`.replace('INFO Using', 'Using')).kernels).toEqual([]);
});

test('a kernel is told once, and no more than 64 of them', () => {
  const lines = Array.from({ length: 200 }, (_, i) => `[a.py:1] Using Kernel${i % 100} for FP8 GEMM`).join('\n');
  expect(log(lines).kernels).toHaveLength(64);
});

test('facts for attesting end where the driver says that its engine is ready', () => {
  const ready = '[orchestrate] {"event": "engine_ready", "seconds": 1, "engine": {}}';
  const stdout = `INFO [x.py:1] Quantizing 16 layers of types: a\n${ready}\nINFO [x.py:1] Quantizing 0 layers of types: `;
  expect(parseEngineLogFacts(linesOf(stdout)).quantized_layers).toEqual({ value: 16, line: 1 });
  expect(log(stdout).quantized_layers).toEqual({ value: 0, line: 3 });
});
