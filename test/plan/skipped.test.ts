import { describe, expect, test } from 'vitest';
import { configProblem, tokenizerProblem, weightsProblem } from '../../src/environment/checkpoint/problem.ts';
import { notOnThisHost } from '../../src/plan/impossible.ts';
import type { Facts } from '../../src/schema/facts.ts';
import { runOf } from '../config/definition.ts';
import { B200S, checkpoint, DENSE, jobs, MOE, NO_FACTS, planOf, quantizedWith, vllm } from './plans.ts';

const run = (...lines: string[]) => runOf('mode: vllm_throughput', 'model: m', ...lines);
const small = 'length_configs: [{input_len: 100, output_len: 50}]';

function reasons(text: string, facts: Partial<Facts> = {}, bindDevices = false): string[] {
  return planOf(text, { ...NO_FACTS, ...facts }, bindDevices).skipped.map(({ reason }) => reason);
}

describe('a point that cannot be is skipped with its reason, and the rest is planned', () => {
  test('FP4 before vLLM 0.28', () => {
    const text = run(small, 'quantization: [none, fp8, fp4]');
    const old = { ...NO_FACTS, capabilities: vllm('0.27.1') };
    expect(reasons(text, old)).toEqual([expect.stringContaining('needs vLLM 0.28 or later; this is 0.27.1')]);
    expect(jobs(planOf(text, old))).toHaveLength(2);
    expect(reasons(text, { capabilities: vllm('0.28.0') })).toEqual([]);
  });

  test('a checkpoint that is quantized in another way', () => {
    const awq = { checkpoints: [checkpoint({ quantization: quantizedWith('awq', 'int4') })] };
    expect(reasons(run(small, 'quantization: fp8'), awq)).toEqual([
      expect.stringContaining('the checkpoint is quantized with awq (INT4 weights), so it cannot be run as fp8'),
    ]);
  });

  test('a type of KV cache that this vLLM does not have', () => {
    // docs/vllm-versions.md: nvfp4 came between 0.17.1 and 0.20.2
    const text = run(small, 'kv_cache_dtype: [auto, fp8, nvfp4]');
    expect(reasons(text, { capabilities: vllm('0.9.2') })).toEqual([
      'vLLM 0.9.2 has no KV cache of type nvfp4; it has auto, fp8, fp8_e4m3, fp8_e5m2',
    ]);
    expect(reasons(text, { capabilities: vllm('0.32.0') })).toEqual([]);
    expect(reasons(text, { capabilities: { ...vllm('0.9.2'), kv_cache_dtypes: [] } })).toEqual([]);
  });

  describe('a checkpoint that is not sound', () => {
    const broken = (...problems: string[]) => ({ checkpoints: [checkpoint({ problems })] });
    const missing = weightsProblem('model.norm.weight is in no file');

    test('is told by its first problem', () => {
      expect(reasons(run(small), broken(missing, missing))).toEqual([
        'the checkpoint m: weights: model.norm.weight is in no file (and 1 more)',
      ]);
      expect(
        reasons(
          run(small, 'checkpoints: {none: m}', 'quantization: none').replace('model: m', 'model: n'),
          broken(missing),
        ),
      ).toEqual([expect.stringContaining('the checkpoint m: ')]);
    });

    test('counts those that are told in one sentence', () => {
      // 2 to 5, and 13 more.
      const problems = [missing, missing, missing, missing, `${missing}, and 13 more like it`];
      expect(reasons(run(small), broken(...problems))).toEqual([expect.stringMatching(/ \(and 17 more\)$/)]);
    });

    test.each([
      { problem: missing, args: '--load-format=dummy', skipped: false },
      { problem: missing, args: '--load-format dummy', skipped: false },
      { problem: missing, args: '--load_format=dummy', skipped: false },
      { problem: missing, args: '--load-format sharded_state', skipped: false },
      { problem: missing, args: '--load-format safetensors', skipped: true },
      { problem: missing, args: '--load-format auto', skipped: true },
      { problem: missing, args: '--tokenizer x', skipped: true },
      { problem: tokenizerProblem('there is none'), args: '--load-format dummy', skipped: true },
      { problem: tokenizerProblem('there is none'), args: '--tokenizer x', skipped: false },
      { problem: tokenizerProblem('there is none'), args: '--skip-tokenizer-init', skipped: false },
      { problem: configProblem('it is no JSON'), args: '--load-format dummy --tokenizer x', skipped: true },
    ])('$problem with $args: skipped is $skipped', ({ problem, args, skipped }) => {
      expect(reasons(run(small, `args: ${args}`), broken(problem))).toHaveLength(skipped ? 1 : 0);
    });
  });

  test('a max_model_len that is shorter than prompt and output', () => {
    // LLM(max_model_len=128) gives 32 tokens after 96 (ran on vLLM 0.32).
    expect(reasons(run(small, 'max_model_len: 150'))).toEqual([]);
    expect(reasons(run(small, 'max_model_len: 149'))).toEqual([
      'prompt and output need 150 tokens, max_model_len is 149',
    ]);
    // 100 + 50, one for its strict check, 64 because 5 % of 100 is less.
    expect(reasons(run(small, 'max_model_len: 150', 'driver: stock'))).toEqual([
      "prompt and output need 215 tokens (100 + 50, and 65 that the texts of vLLM's own benchmark may be longer), " +
        'max_model_len is 150',
    ]);
  });

  test('more tokens than the model has positions', () => {
    const positions = (most: number) => ({ checkpoints: [checkpoint({ max_position_embeddings: most })] });
    expect(reasons(run(small), positions(150))).toEqual([]);
    expect(reasons(run(small), positions(149))).toEqual([expect.stringContaining('the model has positions for 149')]);
    // --hf-overrides can raise the limit: vLLM decides.
    const raised = `args: >-\n      --hf-overrides '{"max_position_embeddings": 999}'`;
    expect(reasons(run(small, raised), positions(149))).toEqual([]);
  });

  test('attention heads that do not divide', () => {
    const text = run(small, 'tensor_parallel_sizes: [1, 3, 4]');
    expect(reasons(text, { checkpoints: [checkpoint({ num_attention_heads: 8 })] })).toEqual([
      '8 attention heads cannot be split over tensor_parallel_size 3',
    ]);
  });

  describe('widths that blocks do not divide', () => {
    const text = (quantization: string, ...lines: string[]) =>
      run(small, `quantization: ${quantization}`, 'tensor_parallel_sizes: [1, 2, 4, 8]', ...lines);
    const blocks = quantizedWith('fp8', 'fp8', { weight_block: [128, 128] });
    // Qwen3-30B-A3B: hidden_size 2048, moe_intermediate_size 768.
    const widths = { hidden: 2048, feed_forward: 6144, expert: 768 };

    test('of experts in FP8, before vLLM makes smaller blocks', () => {
      const facts = (version: string) => ({
        capabilities: vllm(version),
        checkpoints: [checkpoint({ size: MOE, quantization: blocks, widths })],
      });
      // 768 / 2 = 3 x 128; 768 / 4 = 192 and 768 / 8 = 96 are no multiples.
      expect(reasons(text('fp8'), facts('0.28.0'))).toEqual(
        [4, 8].map((size) =>
          expect.stringMatching(
            new RegExp(`^the width of the experts, 768 / tensor_parallel_size ${size}, is no multiple of 128`),
          ),
        ),
      );
      expect(reasons(text('fp8', 'args: --enable-expert-parallel'), facts('0.28.0'))).toEqual([]);
      expect(reasons(text('fp8'), facts('0.29.0'))).toEqual([]);
    });

    test('of a dense model in MXFP4', () => {
      const facts = (feed_forward: number, hidden = 2048) => ({
        capabilities: vllm('0.32.0'),
        checkpoints: [checkpoint({ size: DENSE, widths: { hidden, feed_forward, expert: null } })],
      });
      // 11,008 = 344 x 32 = 43 x 256; 4864 = 152 x 32 = 19 x 256; 8960 = 280 x 32; 1184 = 37 x 32.
      expect(reasons(text('mxfp4'), facts(11_008))).toEqual([]);
      expect(reasons(text('fp4'), facts(1184))).toHaveLength(3);
      expect(reasons(text('fp8'), facts(1184))).toEqual([]);
      expect(reasons(text('fp4'), facts(11_008, 2000))).toHaveLength(4);
    });
  });

  test('a prompt that is all prefix, which the stock benchmark cannot make', () => {
    const text = run('length_configs: [{input_len: 64, output_len: 5, prefix_len: 64}]');
    expect(reasons(text)).toEqual([]);
    expect(reasons(text.replace('model: m', 'model: m\n    driver: stock'))).toEqual([
      expect.stringContaining('at least one token after the shared prefix'),
    ]);
  });

  test('the model that is meant, and no other, is looked at', () => {
    const other = checkpoint({ model: 'n', num_attention_heads: 1, max_position_embeddings: 1 });
    expect(reasons(run(small, 'tensor_parallel_sizes: [2]'), { checkpoints: [other] })).toEqual([]);
  });

  test('it keeps its name, its settings and its workload', () => {
    const [skipped] = planOf(run(small, 'quantization: fp4'), { ...NO_FACTS, capabilities: vllm('0.20.0') }).skipped;
    expect(skipped).toMatchObject({
      run_name: 'a_TP-1_ISL-100_OSL-50',
      mode: 'vllm_throughput',
      engine: { quantization: 'fp4' },
      workload: { prompt_len: 100 },
    });
  });
});

describe('devices', () => {
  const sizes = run(small, 'tensor_parallel_sizes: [1, 8, 16]', 'pipeline_parallel_sizes: [1, 2]');

  test('bind a plan that is carried out on this host', () => {
    // 16, 8 x 2 and 16 x 2 are more than 8
    expect(reasons(sizes, { devices: B200S }, true)).toEqual(
      [
        'needs 16 devices (tensor parallel x pipeline parallel); there are 8 x NVIDIA B200',
        'needs 16 devices (tensor parallel x pipeline parallel); there are 8 x NVIDIA B200',
        'needs 32 devices (tensor parallel x pipeline parallel); there are 8 x NVIDIA B200',
      ].toSorted(),
    );
  });

  test('are more with prefill context parallelism, which has workers of its own', () => {
    const text = run(small, 'tensor_parallel_sizes: [4, 8]', 'args: --prefill-context-parallel-size 2');
    expect(reasons(text, { devices: B200S }, true)).toEqual([
      'needs 16 devices (tensor parallel x pipeline parallel x prefill context parallel); there are 8 x NVIDIA B200',
    ]);
  });

  test('do not bind a plan that is only looked at, nor one whose host is not known', () => {
    expect(reasons(sizes, { devices: B200S }, false)).toEqual([]);
    expect(reasons(sizes, {}, true)).toEqual([]);
  });

  // 8e9 parameters of 2 bytes are 14.9 GiB.
  test('of too little memory bind such a plan, and the precision decides', () => {
    const facts = {
      capabilities: vllm('0.32.0'),
      devices: { ...B200S, memory_bytes: 12 * 2 ** 30 },
      checkpoints: [checkpoint({ size: DENSE })],
    };
    const text = run(small, 'quantization: [none, fp8]', 'tensor_parallel_sizes: [1, 2]');
    expect(reasons(text, facts, true)).toEqual([expect.stringMatching(/14\.9 GiB of weights.*tensor_parallel_size 2/)]);
    expect(reasons(text, facts, false)).toEqual([]);
  });

  test('without accelerators refuse FP8 of a plan that is carried out here, not of one for another host', () => {
    const cpu = { ...B200S, kind: 'cpu', compute_capability: null } as const;
    const facts = { capabilities: { ...vllm('0.32.0'), platform: 'cpu' as const }, devices: cpu };
    const text = run(small, 'quantization: [none, fp8, fp4]');
    expect(reasons(text, facts, true)).toEqual([
      expect.stringContaining('on a CPU'),
      expect.stringContaining('no FP4 kernel for a CPU'),
    ]);
    const plan = planOf(text, { ...NO_FACTS, ...facts }, false);
    expect(plan.launches.map(({ precision }) => precision.flag)).toEqual([null, 'fp8_per_tensor', 'mxfp4']);
    // What the plan was made on is recorded as it was.
    expect(plan.facts).toEqual({ ...NO_FACTS, ...facts });
    const here = plan.launches.flatMap(({ engine, jobs: all }) =>
      all.map(({ workload }) => notOnThisHost({ engine, workload }, plan.facts)),
    );
    expect(here).toEqual([null, expect.stringContaining('on a CPU'), expect.stringContaining('no FP4 kernel')]);
  });

  test('of a host without accelerators are its cores', () => {
    const cpu = {
      kind: 'cpu',
      name: 'Xeon',
      count: 4,
      memory_bytes: null,
      compute_capability: null,
      accelerator: null,
    } as const;
    expect(reasons(run(small, 'tensor_parallel_sizes: [4, 8]'), { devices: cpu }, true)).toEqual([
      'needs 8 devices (tensor parallel x pipeline parallel); this host has no accelerator and 4 CPU cores',
    ]);
    const lists = { ...cpu, count: 2, ids: ['0-1', '2-3'] };
    expect(reasons(run(small, 'tensor_parallel_sizes: [2, 4]'), { devices: lists }, true)).toEqual([
      'needs 4 devices (tensor parallel x pipeline parallel); devices: names 2 (0-1, 2-3)',
    ]);
  });
});
