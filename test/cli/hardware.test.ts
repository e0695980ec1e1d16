import { describe, expect, test } from 'vitest';
import { ACCELERATORS } from '../../src/physics/accelerators.ts';
import { AcceleratorSpec } from '../../src/schema/hardware.ts';
import { Plan } from '../../src/schema/plan.ts';
import { definition, host, orchestrate } from './shell.ts';

const OWN = {
  ...{ id: 'ours', label: 'Our Chip', names: ['.'], devices_per_chip: 4 },
  memory_bytes: { value: 64e9, source: 'its label', date: '2026-01-02' },
  memory_bandwidth_bytes_per_s: { value: 1e12, source: 'its label', date: '2026-01-02' },
  flops: { bf16: { value: 1e14, source: 'its label', date: '2026-01-02' } },
};

const point = (changes: object = {}) => ({
  ...{ name: 'a', mode: 'vllm_throughput', model: 'org/m', num_prompts: 4, ...changes },
  length_configs: [{ input_len: 16, output_len: 4 }],
});

describe('hardware', () => {
  test('shows every accelerator with its figures, dense, and their sources', async () => {
    const { code, stdout, stderr } = await orchestrate(host(), ['hardware']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    const row = (label: string) => lines.find((line) => line.startsWith(`${label} `))?.split(/ {2,}/);
    // 183359 MiB; 8 TB/s; 2.25, 4.5 and 9 PFLOP/s.
    expect(row('NVIDIA B200')).toEqual(['NVIDIA B200', '179.1', '8,000', '2,250', '4,500', '9,000', '4,500', '1']);
    expect(row('Ironwood TPU7x')).toEqual(['Ironwood TPU7x', '96', '3,690', '1,153.5', '2,307', '2']);
    for (const { label } of ACCELERATORS) expect(lines).toContain(`  ${label}`);
    expect(stdout).toContain('https://docs.cloud.google.com/tpu/docs/tpu7x (20');
    expect(stdout).toMatch(
      /This host: .+ cores?\n {2}not in the table, so no bound can be computed; docs\/hardware\.md/,
    );
    expect(stdout).toContain('a4-highgpu-8g        8 x NVIDIA B200');
    expect(Math.max(...lines.slice(0, 20).map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  test('prints the same as JSON', async () => {
    const { code, stdout } = await orchestrate(host(), ['hardware', '--json']);
    const { accelerators, machines, this_host } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(accelerators.map((one: unknown) => AcceleratorSpec.parse(one))).toEqual(ACCELERATORS);
    expect(machines['tpu7x-standard-4t'].count).toBe(8);
    expect(this_host).toMatchObject({ kind: 'cpu', accelerator: null });
  });

  test('has the accelerators of a run definition first, and knows this host by them', async () => {
    const at = host();
    const run = at.write('run.yaml', JSON.stringify({ accelerators: [OWN], standalone_runs: [point()] }));
    const { stdout } = await orchestrate(at, ['hardware', run]);
    expect(stdout.indexOf('Our Chip')).toBeLessThan(stdout.indexOf('NVIDIA B200'));
    expect(stdout).toMatch(/This host: .+ cores?: Our Chip\n/);
    expect(stdout).toContain('    memory, bandwidth, BF16: its label (2026-01-02)\n');
  });
});

describe('plan --hardware', () => {
  async function planned(type: string, changes: object = {}) {
    const at = host();
    const run = at.write('run.yaml', JSON.stringify({ standalone_runs: [point(changes)] }));
    return orchestrate(at, ['plan', run, '--hardware', type, '--json']);
  }

  test('plans for a machine that is named', async () => {
    const { code, stdout } = await planned('a4-highgpu-8g', { tensor_parallel_sizes: [8, 16] });
    const { facts, launches, skipped } = Plan.parse(JSON.parse(stdout));
    expect(code).toBe(0);
    expect(facts.devices).toMatchObject({ kind: 'cuda', name: 'NVIDIA B200', count: 8, compute_capability: '10.0' });
    expect(launches.map(({ engine }) => engine.tensor_parallel_size)).toEqual([8]);
    // What the machine has not enough devices for is skipped, as it would be there.
    expect(skipped.map(({ reason }) => reason)).toEqual([expect.stringContaining('needs 16 devices')]);
  });

  test('does not hold this host against the plan', async () => {
    const plan = Plan.parse(JSON.parse((await planned('tpu7x-standard-4t', { tensor_parallel_sizes: [8] })).stdout));
    expect(plan.facts.devices).toMatchObject({ kind: 'tpu', name: 'tpu7x-8', count: 8 });
    expect(plan.skipped).toEqual([]);
  });

  test('refuses a machine that it does not know, and names those that it does', async () => {
    const { code, stderr } = await planned('a4-highgpu-4g');
    expect(code).toBe(2);
    expect(stderr).toContain('there is no machine type a4-highgpu-4g in the table; did you mean a4-highgpu-8g?');
    expect(stderr).toContain('tpu7x-standard-4t');
  });
});

test('a definition without accelerators of its own is as good as none', async () => {
  const at = host();
  const plain = await orchestrate(at, ['hardware', at.write('run.yaml', definition())]);
  expect(plain.stdout).toBe((await orchestrate(at, ['hardware'])).stdout);
});
