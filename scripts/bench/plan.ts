import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Bench } from './index.ts';
import { median } from './measure.ts';

const RUNS = 5;

export const plan: Bench = {
  id: 'plan',
  question: 'how long does planning 100,000 points take, and how much memory? (under 2 s and 500 MB)',
  async *run() {
    const folder = mkdtempSync(join(tmpdir(), 'orchestrate-bench-'));
    try {
      writeFileSync(join(folder, 'sweep.yaml'), sweep());
      const results: { seconds: number; mebibytes: number }[] = [];
      for (let i = 0; i < RUNS; i += 1) {
        const script = new URL('./plan-once.ts', import.meta.url).pathname;
        const { stdout } = await execa(process.execPath, [script, join(folder, 'sweep.yaml')]);
        results.push(JSON.parse(stdout) as { seconds: number; mebibytes: number });
      }
      yield `median of ${RUNS} runs: ${median(results.map(({ seconds }) => seconds)).toFixed(2)} s from the text to the plan`;
      yield `peak memory of the process: ${median(results.map(({ mebibytes }) => mebibytes)).toFixed(0)} MiB`;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** 4 TP sizes x 5 precisions x 50 x 50 lengths x 2 numbers of prompts = 100,000 points. */
function sweep(): string {
  const lengths = Array.from({ length: 50 }, (_, i) =>
    Array.from({ length: 50 }, (_, o) => `{input_len: ${16 * (i + 1)}, output_len: ${16 * (o + 1)}}`),
  );
  return `standalone_runs:
  - name: large
    mode: vllm_throughput
    model: some/model
    tensor_parallel_sizes: [1, 2, 4, 8]
    kv_cache_dtype: [auto, fp8, fp8_e4m3, fp8_e5m2, bfloat16]
    num_prompts: [500, 1000]
    length_configs: [${lengths.flat().join(', ')}]
`;
}
