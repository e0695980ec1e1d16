import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJson } from '../run/runs.ts';
import type { Entry } from './one-point.ts';
import { ENGINE, folderWith, IN_PROCESS, orchestrate, PYTHON } from './program.ts';

/** vLLM's own benchmark, told its lengths by the flags that it takes and, from 0.14 on, ignores. */
const LEGACY = `import sys

from vllm.benchmarks.throughput import add_cli_args, main
from vllm.utils.argparse_utils import FlexibleArgumentParser

if __name__ == "__main__":
    parser = FlexibleArgumentParser()
    add_cli_args(parser)
    main(parser.parse_args([word.replace("--random-", "--") for word in sys.argv[1:]]))
`;

export function attestedRuns(): void {
  test('THE TRAP: legacy length flags run 1024 tokens and exit with 0; the point is invalid and says so', async () => {
    const folder = folderWith({
      ...{ name: 'legacy', driver: './legacy.py', num_prompts: 8, env: IN_PROCESS },
      // Room for what it will really run.
      ...{ args: `${ENGINE} --max-model-len 2048`, length_configs: [{ input_len: 128, output_len: 32 }] },
    });
    writeFileSync(join(folder, 'legacy.py'), LEGACY);
    const ended = await orchestrate(folder, ['a.yaml', '--output-dir', 'out', ...PYTHON]);
    expect(ended.code).not.toBe(0);
    expect(ended.stdout).toContain('1 invalid');
    const [entry] = readJson<Judged[]>(folder, 'out', 'summary_report.json');
    expect(entry).toMatchObject({ validity: 'invalid', results: { throughput_output_tokens_per_sec: null } });
    expect(entry?.reasons).toMatchObject([
      { code: 'prompt-tokens', message: expect.stringContaining('1024 instead of 128 prompt tokens a request') },
      { code: 'output-tokens', message: expect.stringContaining('128 instead of 32 output tokens a request') },
    ]);
  });

  test('codegen-high-cache with 32 instead of 2048 output tokens: its hit rate beside the best possible one', async () => {
    const folder = folderWith({
      ...{ name: 'codegen-high-cache', num_prompts: 8, env: IN_PROCESS },
      length_configs: [{ input_len: 8192, output_len: 32, prefix_len: 7900 }],
    });
    const ended = await orchestrate(folder, ['a.yaml', '--output-dir', 'out', ...PYTHON]);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('1 point: 1 valid') });
    const [entry] = readJson<Judged[]>(folder, 'out', 'summary_report.json');
    // 61 whole blocks of 128 tokens, which a CPU has, are 7808 of the 7900; vLLM found all of them in every request.
    const bound = (61 * 128) / 8192;
    expect(entry).toMatchObject({ results: { prefix_cache_hit_rate: bound, hit_rate_bound: bound } });
    expect(entry?.engine).toMatchObject({ block_size: 128, weights: { methods: { UnquantizedLinearMethod: 16 } } });
    expect(ended.stdout).toContain('95.3');
  });
}

interface Judged extends Entry {
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
  readonly engine: unknown;
}
