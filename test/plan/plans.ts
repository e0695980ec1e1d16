import { buildPlan } from '../../src/plan/build.ts';
import type { CheckpointFacts, DeviceFacts, Facts } from '../../src/schema/facts.ts';
import { type Job, jobsOf, type Plan } from '../../src/schema/plan.ts';
import { configOf } from '../config/definition.ts';

/** Nothing is known about the host. */
export const NO_FACTS: Facts = { capabilities: null, checkpoints: [], devices: null };

/** What a vLLM of this version can do, by the table of boundaries in docs/vllm-versions.md. */
export function vllm(version: string): NonNullable<Facts['capabilities']> {
  const minor = Number(version.split('.')[1]);
  return {
    vllm_version: version,
    distribution: 'vllm',
    python_version: '3.12.3',
    torch_version: '2.9.0',
    platform: 'cuda',
    bench: ['latency', 'serve', 'throughput'],
    random_length_flags: minor >= 14,
    num_warmups: minor >= 22,
    request_metrics: minor >= 12,
    quantization: ['fp8', 'awq', 'compressed-tensors'],
    deprecated_quantization: [],
    online_quantization: { fp8: ['linear', 'experts'] },
    kv_cache_dtypes: ['auto', 'fp8'],
  };
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

export function quantizedWith(method: string): CheckpointFacts['quantization'] {
  return { method, weights: 'other', activations: null, kv_cache: null, source: 'config.json' };
}

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
