import { z } from 'zod';
import { AcceleratorSpec } from '../schema/hardware.ts';
import { LEAST_TO_BE_STEADY } from '../schema/plan.ts';
import { FOREIGN_POLICIES } from '../schema/run-config.ts';

/**
 * What a person may write in a run definition. Every field of a run may stand in `defaults:` too.
 * A field that takes a list is swept: the run measures every combination.
 */
const length = z.int().min(1);
const size = z.int().min(1);
/** Names are printed and become parts of file names: nothing in them may move a cursor. */
const name = z
  .string()
  .min(1)
  .refine((text) => !/\p{Cc}/u.test(text), 'control characters are not allowed');

/** A scalar, or a list of them to be swept. */
function swept<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item).min(1)]);
}

const LengthConfig = z.strictObject({
  input_len: length.describe('Prompt tokens; the shared prefix is part of them unless prefix_mode is additive.'),
  output_len: length.describe('Generated tokens; every request generates exactly so many.'),
  prefix_len: z.int().min(0).optional().describe('Tokens at the start of the prompt that all requests share.'),
});

const Fields = z
  .strictObject({
    mode: z.string().describe('What is measured: vllm_throughput.'),
    args: z
      .string()
      .refine((text) => !text.includes('\0'), 'a NUL byte cannot be passed to a program')
      .describe('Any other flags of `vllm bench throughput`, as on a command line.'),
    model: swept(name).describe('Hugging Face id, path, or builtin:tiny-llama.'),
    quantization: swept(z.string().min(1)).describe(
      'auto (as the checkpoint is), none, fp8, fp4, or any name that vLLM knows.',
    ),
    checkpoints: z
      .record(z.string().min(1), name)
      .describe('Precision -> the checkpoint of the model that has it: Hugging Face id or path.'),
    kv_cache_dtype: swept(z.string().min(1)).describe('auto, fp8, or any name that vLLM knows.'),
    tensor_parallel_sizes: swept(size).describe('Devices that one layer is split over.'),
    pipeline_parallel_sizes: swept(size).describe('Stages that the layers are split into.'),
    length_configs: z.array(LengthConfig).min(1),
    workloads: swept(z.string().min(1)).describe('Names of workloads: the presets, or your own below `workloads:`.'),
    prefix_lens: swept(z.int().min(0)).describe('Shared prefix lengths, for every length without its own.'),
    prefix_mode: z.enum(['inclusive', 'additive']),
    prefix_state: z.enum(['warm', 'cold']),
    share_prefix_caching: z.boolean().describe('One engine, with prefix caching on, for plain and prefix points.'),
    num_prefixes: swept(z.int().min(1)).describe('Different shared prefixes that the prompts are spread over.'),
    num_prompts: swept(z.int().min(1)).describe('Requests of one measurement.'),
    max_num_seqs: swept(z.int().min(1)).describe('Requests that the engine runs at once.'),
    max_model_len: z.union([z.int().min(1), z.literal('per_point')]),
    gpu_memory_utilization: z.number().gt(0).max(1),
    repeats: z.int().min(1).max(1000).describe('Measurements of each point in each engine start.'),
    until: z
      .strictObject({
        cv: z.number().gt(0).max(1).describe('Coefficient of variation of output throughput that is steady enough.'),
        max_repeats: z.int().min(LEAST_TO_BE_STEADY).max(1000).describe('Repeats after which it ends in any case.'),
      })
      .describe('Repeats go on beyond `repeats` until the throughput of an engine start is steady.'),
    min_duration_seconds: z.number().min(0).describe('A measurement that is shorter is invalid.'),
    starts: z.int().min(1).max(100).describe('Engine starts in which each point is measured.'),
    warmups: z.int().min(0).describe('Requests of the same shape before each measurement, unmeasured.'),
    seed: z.int().min(0),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([z.string(), z.number(), z.boolean()])),
    timeout_minutes: z
      .number()
      .gt(0)
      .describe('The longest that the engine\u2019s start, or one measurement, may take.'),
    stall_minutes: z.number().gt(0).describe('An engine without output or tokens for so long is ended (30).'),
    exclusive: z.boolean().describe('Nothing else runs on the host while these points are measured.'),
    driver: z.string().min(1).describe('resident, stock, or the path of a benchmark_throughput.py.'),
  })
  .partial();
export type Fields = z.output<typeof Fields>;
export type FieldName = keyof Fields;

export const WrittenRun = z.strictObject({ name, ...Fields.shape });

export const WrittenConfig = z.strictObject({
  python: z.string().min(1).optional().describe('The Python whose vLLM is measured.'),
  output_dir: z.string().min(1).optional(),
  retries: z.int().min(0).optional().describe('How often a launch is tried again after a failure that may pass.'),
  retry_delay_seconds: z
    .number()
    .min(0)
    .optional()
    .describe('Before the first retry; doubled before each further one.'),
  max_consecutive_failures: z
    .int()
    .min(1)
    .optional()
    .describe('Engine failures in a row after which the rest of a launch is left out (3).'),
  foreign_processes: z
    .enum(FOREIGN_POLICIES)
    .optional()
    .describe('When other programs hold the devices of a launch: wait for them, refuse it, or warn (warn).'),
  devices: z
    .array(z.union([z.int().min(0), name]))
    .min(1)
    .optional()
    .describe('The devices to use: numbers or UUIDs of GPUs, core lists such as 0-15 of a CPU.'),
  order_seed: z.int().min(0).optional().describe('Of the order in which the points of an engine start are measured.'),
  accelerators: z
    .array(AcceleratorSpec)
    .min(1)
    .optional()
    .describe('Accelerators that are not in the table of `orchestrate hardware`, or whose figures you know better.'),
  defaults: Fields.optional().describe('Fields for every run; a run’s own field replaces them.'),
  workloads: z.record(z.string().min(1), LengthConfig).optional().describe('Your own workloads by name.'),
  standalone_runs: z.array(WrittenRun).min(1),
});
export type WrittenConfig = z.output<typeof WrittenConfig>;
