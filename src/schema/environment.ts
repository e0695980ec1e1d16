import { z } from 'zod';
import { CheckpointFacts } from './facts.ts';

/** Where it ran. A value that could not be found out is null and has its reason in `absent`. */
export const Environment = z.strictObject({
  schema: z.literal(1),
  recorded_at: z.string(),
  orchestrate_version: z.string(),
  node_version: z.string(),
  hostname: z.string(),
  os: z.string(),
  kernel: z.string(),
  cpu: z.strictObject({ model: z.string(), cores: z.int() }),
  memory_bytes: z.number(),
  python: z.string().nullable(),
  python_version: z.string().nullable(),
  vllm_version: z.string().nullable(),
  vllm_distribution: z.string().nullable(),
  torch_version: z.string().nullable(),
  cuda_version: z.string().nullable(),
  driver_version: z.string().nullable(),
  devices: z.array(z.strictObject({ name: z.string(), memory_bytes: z.number().nullable() })),
  /** Versions of what vLLM computes with: transformers, flashinfer, triton, ... */
  packages: z.record(z.string(), z.string()),
  /** Variables that can change a number, values of secret ones replaced. */
  variables: z.record(z.string(), z.string()),
  checkpoints: z.array(CheckpointFacts),
  absent: z.record(z.string(), z.string()),
});
export type Environment = z.output<typeof Environment>;
