import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { factsOnMachine } from '../../src/cli/named-machine.ts';
import { Capabilities } from '../../src/schema/facts.ts';
import { Plan } from '../../src/schema/plan.ts';
import { NO_FACTS, vllm } from '../plan/plans.ts';
import { host, orchestrate, STAND_IN_PYTHON } from './shell.ts';

const point = (changes: object = {}) => ({
  ...{ name: 'a', mode: 'vllm_throughput', model: 'org/m', num_prompts: 4, ...changes },
  length_configs: [{ input_len: 16, output_len: 4 }],
});

// fixtures/capabilities/vllm-tpu-0.32.0.json reads AWQ and no GPTQ; the stand-in is another build.
test('takes the vLLM of this host as it is built for the machine', async () => {
  const at = host();
  const config = { model_type: 'llama', quantization_config: { quant_method: 'gptq', bits: 4 } };
  mkdirSync(join(at.cwd, 'gptq'));
  at.write('gptq/config.json', JSON.stringify(config));
  at.write('gptq/tokenizer.json', '{}');
  const definition = {
    standalone_runs: [point({ model: './gptq', quantization: 'gptq', args: '--load-format dummy' })],
  };
  const run = at.write('run.yaml', JSON.stringify(definition));
  for (const python of [[], ['--python', STAND_IN_PYTHON]]) {
    const planned = async (type: string) => {
      const { stdout } = await orchestrate(at, ['plan', run, '--hardware', type, '--json', ...python]);
      return Plan.parse(JSON.parse(stdout)).skipped.map(({ reason }) => reason);
    };
    expect(await planned('tpu7x-standard-4t')).toEqual([
      expect.stringMatching(/does not read gptq checkpoints in INT4/),
    ]);
    expect(await planned('a4-highgpu-8g')).toEqual([]);
  }
});

test('the build for TPU quantizes what the recorded one does', () => {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures/capabilities/vllm-tpu-0.32.0.json'), 'utf8');
  const recorded = Capabilities.parse(JSON.parse(text));
  const named = factsOnMachine({ ...NO_FACTS, capabilities: vllm('0.32.0') }, 'tpu7x-standard-4t').capabilities;
  expect(named).toMatchObject({
    platform: 'tpu',
    quantization: recorded.quantization,
    online_quantization: recorded.online_quantization,
  });
  // What is told of a vllm-tpu itself stands.
  const own = { ...recorded, quantization: ['fp8'] };
  expect(factsOnMachine({ ...NO_FACTS, capabilities: own }, 'tpu7x-standard-4t').capabilities).toEqual(own);
});
