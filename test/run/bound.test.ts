import { expect, test } from 'vitest';
import { acceleratorNamed } from '../../src/physics/accelerators.ts';
import { Ledger } from '../../src/run/ledger.ts';
import { checkpointOf, LLAMA_70B } from '../physics/models.ts';
import { B200S, NO_FACTS, planOf } from '../plan/plans.ts';

const RUN = `
standalone_runs:
  - name: a
    mode: vllm_throughput
    model: m
    tensor_parallel_sizes: [8]
    num_prompts: 16
    length_configs: [{input_len: 1024, output_len: 1024}]
`;

function bounds(facts: Partial<typeof NO_FACTS>) {
  return new Ledger(planOf(RUN, { ...NO_FACTS, ...facts })).summary(null).records.map(({ bound }) => bound);
}

test('a record has the bound of its point, of what the plan knew of devices and checkpoint', () => {
  const devices = { ...B200S, accelerator: acceleratorNamed(B200S.name) };
  const checkpoints = [checkpointOf(LLAMA_70B)];
  const [bound] = bounds({ devices, checkpoints });
  // 2 x (70,553,706,496 - 128,256 x 8192) bytes of weights and 16 x 1536 tokens x 163,840 x 2 bytes a step of 16 tokens.
  const bytes = 2 * (70_553_706_496 - 128_256 * 8192) + 16 * 1536 * 163_840 * 2;
  expect(bound).toMatchObject({ accelerator: 'NVIDIA B200', devices: 8, chips: 8, batch: 16 });
  expect(bound?.decode_tps).toBeCloseTo((16 * 64e12) / bytes, 3);
  expect(bounds({ devices })).toEqual([null]);
  expect(bounds({ checkpoints })).toEqual([null]);
});
