import { expect, test } from 'vitest';
import { workersOf } from '../../src/config/workers.ts';
import { engineOf } from '../summary/clean.ts';

// vllm/config/parallel.py: world_size = pipeline_parallel_size x tensor_parallel_size x prefill_context_parallel_size.
test.each([
  [[], 6],
  [['--prefill-context-parallel-size', '2'], 12],
  [['--prefill_context_parallel_size=2'], 12],
  [['-pcp', '4'], 24],
  [['-pcp=4'], 24],
  // The last one counts, in whatever spelling; argparse takes every beginning that is no other flag's.
  [['-pcp', '4', '--prefill-context-parallel-size', '2'], 12],
  [['--prefill-context-parallel-size', '2', '-pcp', '4'], 24],
  [['--prefill-context', '2'], 12],
  [['--prefill-schedule-interval', '2'], 6],
  [['--decode-context-parallel-size', '2'], 6],
  // vLLM's parser refuses these.
  [['-pcp', 'two'], 6],
  [['-pcp', '0'], 6],
  [['-pcp'], 6],
])('TP 3 x PP 2 with %j are %i workers', (extra_args, workers) => {
  const engine = engineOf({ tensor_parallel_size: 3, pipeline_parallel_size: 2, extra_args });
  expect(workersOf(engine)).toBe(workers);
});
