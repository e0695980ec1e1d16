import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from '../../parsers/evidence.ts';
import { PARSERS } from '../../parsers/index.ts';
import type { Parser } from '../../parsers/parser.ts';

/** Pieces of real evidence, so that random text comes near to what a parser looks for. */
const pieces = fc.constantFrom(
  'Throughput: 1.23 requests/s, 456.78 total tokens/s, 90.12 output tokens/s',
  'Throughput: nan requests/s, inf tokens/s',
  'Total num prompt tokens:  1024',
  'Total num output tokens:  -5',
  'Average TTFT (s): n/a (none)',
  'P99 TPOT (tokens/s): 1e309',
  'Sampling input_len from [1, 2] and output_len from [3, 99999999999999999999]',
  'UserWarning: Both --input-len and --random-input-len are specified',
  '(EngineCore pid=1) ERROR 11-22 05:29:51 [core.py:1510] ValueError: x',
  'pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig',
  '  Value error, no [type=value_error, input_value=1]',
  'Exception ignored in: <function f>',
  'vllm: error: unrecognized arguments: --x',
  'KV cache size: 1,048,576 tokens, Maximum concurrency for 4,096 tokens per request: 256.00x',
  'KV cache size: 99999999999999999999 tokens',
  'Model loading took 14.99 GiB memory and 3.2 seconds',
  'Quantizing 0 layers of types: ',
  "[core.py:133] Initializing a V1 LLM engine (v0.32.0) with config: model='a', max_seq_len=1e309, quantization=None",
  '[__init__.py:1028] Using MarlinMxFp4LinearKernel for MXFP4 GEMM',
  '[cuda.py:507] Using ',
  '[orchestrate] {"event": "driver_done"}',
  '[orchestrate] {"event": "job_begin", "job": "a", "run_name": "b", "repeat": 0}',
  '[orchestrate] {"event": "job_end", "job": "a", "repeat": 0, "file": null}',
  '[orchestrate] {"event": ',
  '{"protocol": 1, "driver": "resident"',
  '{"protocol": 2}',
  '{"elapsed_time": 1e309, "num_requests": NaN}',
  '\n',
  '\r',
  ' ',
);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.array(fc.oneof(pieces, pieces, fc.string({ maxLength: 8 })), { maxLength: 40 }).map((parts) => parts.join('')),
);

test.each(PARSERS)('$id takes any text', (parser) => {
  fc.assert(
    fc.property(text, text, (one, two) => {
      expect(() => parsed(parser, one, two)).not.toThrow();
    }),
    { numRuns: 400 },
  );
});

test.each(PARSERS)('$id takes bytes that are no text', (parser) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4000 }), (bytes) => {
      const one = new TextDecoder().decode(bytes);
      expect(() => parsed(parser, one, one)).not.toThrow();
    }),
  );
});

test.each(PARSERS)('$id is done with 4 MB without a newline at once', (parser) => {
  for (const unit of [
    'a',
    'a.',
    '[',
    '{"a":',
    ' ',
    '(x ',
    'Throughput: ',
    'n/a (',
    '] Using a ',
    'Error: ',
    '0,',
    ': error: ',
  ]) {
    const flood = unit.repeat(4_000_000 / unit.length);
    const begin = performance.now();
    parsed(parser, flood, flood);
    expect(performance.now() - begin).toBeLessThan(2000);
  }
});

function parsed(parser: Parser, one: string, two: string): unknown {
  switch (parser.reads) {
    case 'streams':
      return parser.parse({ stdout: linesOf(one), stderr: linesOf(two) });
    case 'line':
      return [...linesOf(one)].map(parser.parse);
    case 'text':
      return parser.parse(one);
  }
}
