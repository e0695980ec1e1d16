import { describe, expect, test } from 'vitest';
import { found, goodRun, runOf } from './definition.ts';

describe('a flag that would spoil the measurement is refused at its place, with the reason', () => {
  test.each([
    { args: '«--config» x.yaml', reason: 'any other flag unseen' },
    { args: '«--output-json» out.json', reason: 'keeps the results itself' },
    { args: '«--output_json=out.json»', reason: 'keeps the results itself' },
    { args: '«--n» 2', reason: 'several sequences a prompt' },
    { args: '«--async-engine»', reason: 'token counts that were asked for' },
    { args: '«--backend» hf', reason: 'the engine is vLLM' },
    { args: '«--backend=mii»', reason: 'the engine is vLLM' },
    { args: '«--dataset-name» sharegpt', reason: 'random tokens of exact lengths' },
    { args: '«--dataset-path» p.json', reason: 'random tokens of exact lengths' },
    { args: '«--random-range-ratio» 0.5', reason: 'exactly its length' },
    { args: '«-dp» 2', reason: 'vLLM refuses data parallel offline' },
    { args: '«--data-parallel-size=4»', reason: 'vLLM refuses data parallel offline' },
    { args: '«--disable-log-stats»', reason: 'no TTFT and no TPOT' },
    { args: '«--profile»', reason: 'changes what is measured' },
    { args: '«--prequeue-requests»', reason: 'changes when requests are queued' },
    { args: '«--prefix-repetition-prefix-len» 5', reason: 'use num_prefixes' },
    { args: '«--help»', reason: 'vLLM itself' },
    { args: '«-h»', reason: 'vLLM itself' },
  ])('$args', ({ args, reason }) => {
    const { marked, places, messages } = found(goodRun(`args: ${args}`));
    expect(places).toEqual(marked);
    expect(messages).toEqual([expect.stringContaining(reason)]);
  });
});

describe('argparse would take an abbreviation for the owned flag, so it is refused with the full name', () => {
  test.each([
    { args: '«--max-model» 100', full: '--max-model-len' },
    { args: '«--max_model_le=100»', full: '--max-model-len' },
    { args: '«--tensor-par=2»', full: '--tensor-parallel-size' },
    { args: '«--quant» fp8', full: '--quantization' },
    { args: '«--input» 128', full: '--input-len' },
    { args: '«--mod» x', full: '--model' },
    { args: '«--num-pro» 10', full: '--num-prompts' },
    { args: '«--enable-prefix» ', full: '--enable-prefix-caching' },
    { args: '«--output-j» o.json', full: '--output-json' },
    { args: '«-qfp8»', full: '-q' },
  ])('$args', ({ args, full }) => {
    const { marked, places, messages } = found(goodRun(`args: ${args}`));
    expect(places).toEqual(marked);
    expect(messages).toEqual([expect.stringContaining(`is an abbreviation of ${full}`)]);
  });

  // A single-dash beginning counts as well, as argparse itself says:
  // p = argparse.ArgumentParser(); p.add_argument('-tp', type=int); p.parse_args(['-t', '8']).tp == 8
  test('-t 8', () => {
    const { marked, places, messages } = found(goodRun('args: «-t» 8'));
    expect(places).toEqual(marked);
    expect(messages).toEqual([expect.stringContaining('is an abbreviation of -tp')]);
  });
});

describe('an owned flag without a value that it can have is a problem at the flag', () => {
  test.each([
    { args: '«--model»', says: 'has no value' },
    { args: '«--model=»', says: 'has no value' },
    { args: '«--seed» --enforce-eager', says: 'has no value' },
    { args: '«-tp» two', says: 'expected a whole number, got "two"' },
    { args: '«--seed=1.5»', says: 'expected a whole number, got "1.5"' },
    { args: '«--gpu-memory-utilization» much', says: 'expected a number, got "much"' },
    { args: '«--enable-prefix-caching=yes»', says: 'takes no value' },
    { args: '«stray» --enforce-eager', says: '"stray" stands where a flag is expected' },
  ])('$args', ({ args, says }) => {
    const { marked, places, messages } = found(goodRun(`args: ${args}`));
    expect(places).toEqual(marked);
    expect(messages).toEqual([expect.stringContaining(says)]);
  });
});

describe('a lifted value has the bounds of its field', () => {
  test.each([
    { args: '-tp «0»', says: 'at least 1, got 0' },
    { args: '--num-prompts «-5»', says: 'at least 1, got -5' },
    { args: '--seed=«-1»', says: 'at least 0, got -1' },
    { args: '--gpu-memory-utilization «1.5»', says: 'between 0 and 1, got 1.5' },
    { args: '--gpu-memory-utilization «-0.5»', says: 'between 0 and 1, got -0.5' },
  ])('$args', ({ args, says }) => {
    const { marked, places, messages } = found(goodRun(`args: ${args}`));
    expect(messages).toEqual([expect.stringContaining(says)]);
    expect(places).toEqual(marked);
  });

  test('--input-len 0 --output-len 5', () => {
    const lines = ['mode: vllm_throughput', 'model: m', 'args: --input-len «0» --output-len 5'];
    const { marked, places, messages } = found(runOf(...lines));
    expect(messages).toEqual([expect.stringContaining('at least 1, got 0')]);
    expect(places).toEqual(marked);
  });

  // The place is looked up by the number's text, which may stand earlier or be written another way.
  test.each([
    { args: '--gpu-memory-utilization 0.9 --max-model-len «0»', says: 'at least 1, got 0' },
    { args: '--dtype half --gpu-memory-utilization «1.50»', says: 'between 0 and 1, got 1.5' },
  ])('$args', ({ args, says }) => {
    const { marked, places, messages } = found(goodRun(`args: ${args}`));
    expect(messages).toEqual([expect.stringContaining(says)]);
    expect(places).toEqual(marked);
  });
});
