import { flagCount, flagSwitch } from '../../config/flag-value.ts';
import type { EngineReport } from '../../schema/engine.ts';
import type { DeviceFacts } from '../../schema/facts.ts';
import type { Asked, Check } from '../check.ts';

/** Whether the engine ran with the settings that were asked for, where it tells. */
export const ENGINE_CHECKS: readonly Check[] = [
  {
    id: 'vllm-version',
    compares: "the engine's own version of vLLM with the one that the plan was made for",
    tolerance: 'equal; what follows a `+` counts where both have it; `dev` of a source tree is no version',
    stands_for:
      'another environment, or a vLLM that was exchanged after planning: flags, traps and job id are of the old',
    wrong: ({ vllm_version: wanted = null }, { engine }) => {
      const told = engine?.vllm_version ?? null;
      if (wanted === null || told === null || isVersion(told, wanted)) return null;
      return `the engine is vLLM ${told}, planned for ${wanted}`;
    },
  },
  {
    id: 'device',
    compares: "the engine's type of device with the devices that were found on this host",
    tolerance: 'equal; ROCm calls itself cuda; other than cuda, tpu and cpu: held against nobody',
    stands_for: 'a CPU build of vLLM on a host with GPUs: its figures under the name and the bounds of eight B200',
    wrong: ({ devices }, { engine }) => {
      const told = engine?.device_type?.replace(/:\d+$/, '') ?? '';
      if (devices === null || !Object.values(DEVICE_TYPES).includes(told)) return null;
      const wanted = DEVICE_TYPES[devices.kind];
      if (told === wanted) return null;
      const hide = devices.kind === 'cuda' ? ' (CUDA_VISIBLE_DEVICES= hides it)' : '';
      return `the engine runs on ${told}; this host has ${wanted}: ${devices.name}${hide}`;
    },
  },
  {
    id: 'model',
    compares: "the engine's model with the one asked for, or with the checkpoint that has the asked precision",
    tolerance: 'the same path or id; an id may be told as its folder in the Hugging Face cache, gs://... as any folder',
    stands_for: 'another checkpoint under the name of the asked one: a default of vLLM, a path that was changed',
    wrong: (asked, { engine }) => {
      const wanted = asked.engine.checkpoint ?? asked.engine.model;
      const told = engine?.model ?? null;
      if (told === null || isStreamed(told, wanted) || isModel(told, wanted, asked.checkpoint?.path ?? null))
        return null;
      return `the engine runs ${told}, asked for ${wanted}`;
    },
  },
  setting('tensor-parallel-size', 'tensor_parallel_size', ({ engine }) => engine.tensor_parallel_size),
  setting('pipeline-parallel-size', 'pipeline_parallel_size', ({ engine }) => engine.pipeline_parallel_size),
  setting('max-num-seqs', 'max_num_seqs', ({ engine }) => engine.max_num_seqs),
  setting('max-model-len', 'max_model_len', ({ max_model_len }) => max_model_len),
  setting('gpu-memory-utilization', 'gpu_memory_utilization', ({ engine }) => engine.gpu_memory_utilization),
  setting('prefix-caching', 'enable_prefix_caching', ({ engine }) => engine.enable_prefix_caching),
  setting(
    'kv-cache-dtype',
    'kv_cache_dtype',
    ({ engine }) => engine.kv_cache_dtype,
    "equal, where both are known; fp8 is fp8_e4m3; auto asks for nothing, and where it is told it is the model's dtype",
  ),
  setting('enforce-eager', 'enforce_eager', ({ engine }) => flagSwitch(engine.extra_args, 'enforce-eager')),
  setting('block-size', 'block_size', ({ engine }) => flagCount(engine.extra_args, '--block-size')),
  setting('max-num-batched-tokens', 'max_num_batched_tokens', ({ engine }) =>
    flagCount(engine.extra_args, '--max-num-batched-tokens'),
  ),
];

const DEVICE_TYPES: Readonly<Record<DeviceFacts['kind'], string>> = {
  cuda: 'cuda',
  rocm: 'cuda',
  tpu: 'tpu',
  cpu: 'cpu',
};

/** `0.32.0+cpu` is 0.32.0; of two builds from sources only what follows the `+` may differ: their commits. */
function isVersion(told: string, wanted: string): boolean {
  const [a = '', ownA] = told.split('+');
  const [b = '', ownB] = wanted.split('+');
  if (a === 'dev' || b === 'dev') return true;
  return a === b && (ownA === undefined || ownB === undefined || ownA === ownB);
}

/** From an object store: vLLM tells the address, or the local folder that it put its small files into. */
function isStreamed(told: string, wanted: string): boolean {
  return told.includes('://') || (wanted.includes('://') && told.startsWith('/'));
}

/** `builtin:tiny` is a folder of that name; a relative path may have been made absolute; an id may be a snapshot of it. */
function isModel(told: string, wanted: string, path: string | null): boolean {
  if (told === wanted || told === path) return true;
  if (told.includes(`models--${wanted.replaceAll('/', '--')}/`)) return true;
  const name = wanted
    .replace(/^builtin:/, '')
    .replace(/^(?:\.{1,2}\/)+/, '')
    .replace(/\/+$/, '');
  const folder = told.replace(/\/+$/, '');
  return folder === name || folder.endsWith(`/${name}`);
}

type Value = string | number | boolean | null;

function setting(
  id: string,
  field: Exclude<keyof EngineReport, 'weights'>,
  of: (asked: Asked) => Value,
  tolerance = 'equal, where it was asked for and the engine tells it',
): Check {
  return {
    id,
    compares: `${field} as asked with what the engine reports`,
    tolerance,
    stands_for: `a flag that vLLM dropped, changed or overrode: ${field} is part of the engine that was asked for`,
    wrong: (asked, { engine }) => {
      const wanted = of(asked);
      const told = engine?.[field] ?? null;
      if (wanted === null || wanted === 'auto' || told === null || canonical(wanted) === canonical(told)) return null;
      // DeepSeek V3.2: vLLM takes bfloat16 and says auto, which is the model's dtype.
      if (field === 'kv_cache_dtype' && told === 'auto' && wanted === engine?.dtype) return null;
      return `${field} is ${told}, asked for ${wanted}`;
    },
  };
}

/** `fp8` is short for `fp8_e4m3` in every version of --kv-cache-dtype. */
function canonical(value: Value): Value {
  return value === 'fp8' ? 'fp8_e4m3' : value;
}
