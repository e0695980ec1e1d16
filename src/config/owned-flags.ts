/**
 * Flags of `vllm bench throughput` that the orchestrator owns. Whatever stands in `args` under one of these names is
 * lifted into its field, or refused with the reason. Every other flag goes to vLLM's own parser untouched.
 */
export type OwnedFlag =
  | {
      readonly kind: 'lift';
      readonly names: readonly string[];
      readonly field: LiftedField;
      readonly value: 'text' | 'int' | 'number';
    }
  | { readonly kind: 'switch'; readonly names: readonly string[]; readonly field: LiftedField; readonly on: boolean }
  /** Says what is the case anyway, as `--dataset-name random`; any other value is refused. */
  | {
      readonly kind: 'only';
      readonly names: readonly string[];
      readonly allowed: readonly string[];
      readonly reason: string;
    }
  | { readonly kind: 'refuse'; readonly names: readonly string[]; readonly reason: string };

/** Fields that a flag can be lifted into; lengths and the prefix switch have no field of their own in the YAML. */
export type LiftedField =
  | 'model'
  | 'quantization'
  | 'kv_cache_dtype'
  | 'tensor_parallel_sizes'
  | 'pipeline_parallel_sizes'
  | 'max_num_seqs'
  | 'num_prompts'
  | 'warmups'
  | 'seed'
  | 'max_model_len'
  | 'gpu_memory_utilization'
  | 'input_len'
  | 'output_len'
  | 'prefix_len'
  | 'enable_prefix_caching';

const lift = (field: LiftedField, value: 'text' | 'int' | 'number', ...names: string[]): OwnedFlag => ({
  kind: 'lift',
  names,
  field,
  value,
});
const refuse = (reason: string, ...names: string[]): OwnedFlag => ({ kind: 'refuse', names, reason });

export const OWNED_FLAGS: readonly OwnedFlag[] = [
  lift('model', 'text', '--model'),
  lift('quantization', 'text', '--quantization', '-q'),
  lift('kv_cache_dtype', 'text', '--kv-cache-dtype'),
  lift('tensor_parallel_sizes', 'int', '--tensor-parallel-size', '-tp'),
  lift('pipeline_parallel_sizes', 'int', '--pipeline-parallel-size', '-pp'),
  lift('max_num_seqs', 'int', '--max-num-seqs'),
  lift('max_model_len', 'int', '--max-model-len'),
  lift('gpu_memory_utilization', 'number', '--gpu-memory-utilization'),
  lift('num_prompts', 'int', '--num-prompts'),
  lift('warmups', 'int', '--num-warmups'),
  lift('seed', 'int', '--seed'),
  lift('input_len', 'int', '--input-len', '--random-input-len'),
  lift('output_len', 'int', '--output-len', '--random-output-len'),
  lift('prefix_len', 'int', '--prefix-len', '--random-prefix-len'),
  { kind: 'switch', names: ['--enable-prefix-caching'], field: 'enable_prefix_caching', on: true },
  { kind: 'switch', names: ['--no-enable-prefix-caching'], field: 'enable_prefix_caching', on: false },
  {
    kind: 'only',
    names: ['--dataset-name'],
    allowed: ['random'],
    reason: 'prompts are random tokens of exact lengths',
  },
  { kind: 'only', names: ['--backend'], allowed: ['vllm'], reason: 'the engine is vLLM' },
  {
    kind: 'only',
    names: ['--random-range-ratio'],
    allowed: ['0', '0.0'],
    reason: 'every prompt has exactly its length',
  },
  {
    kind: 'only',
    names: ['--n'],
    allowed: ['1'],
    reason: 'with several sequences a prompt the per-request times belong to the last one only',
  },
  {
    kind: 'only',
    names: ['--data-parallel-size', '-dp'],
    allowed: ['1'],
    reason: 'vLLM refuses data parallel offline; it needs a server',
  },
  refuse('it can bring in any other flag unseen; write the flags out', '--config'),
  refuse('the orchestrator reads and keeps the results itself', '--output-json'),
  refuse('it reports the token counts that were asked for, not those that were generated', '--async-engine'),
  refuse('prompts are random tokens of exact lengths', '--dataset', '--dataset-path', '--random-batch-size'),
  refuse(
    'use num_prefixes with prefix_lens',
    '--prefix-repetition-prefix-len',
    '--prefix-repetition-suffix-len',
    '--prefix-repetition-num-prefixes',
    '--prefix-repetition-output-len',
  ),
  refuse('without its statistics the engine gives no TTFT and no TPOT', '--disable-log-stats'),
  refuse('it changes when requests are queued, and with it TTFT', '--prequeue-requests'),
  refuse('a profiler changes what is measured', '--profile'),
  refuse('a LoRA adapter is not sent with the requests', '--enable-lora', '--lora-path', '--lora-assignment'),
  refuse(
    'it belongs to another data set than random tokens of exact lengths',
    ...[
      '--hf-subset',
      '--hf-split',
      '--hf-name',
      '--hf-output-len',
      '--hf-max-batch-size',
      '--hf-enable-torch-compile',
    ],
    ...['--custom-output-len', '--sharegpt-output-len', '--no-oversample', '--enable-multimodal-chat', '--no-reranker'],
    ...[
      '--random-mm-base-items-per-request',
      '--random-mm-num-mm-items-range-ratio',
      '--random-mm-limit-mm-per-prompt',
    ],
    ...['--random-mm-bucket-config', '--asr-min-audio-len-sec', '--asr-max-audio-len-sec'],
  ),
  refuse('give --help to vLLM itself', '--help', '-h'),
];

/** `--tensor_parallel_size` -> `--tensor-parallel-size`, as vLLM's parser does it; the value after `=` is not touched. */
export function canonicalFlag(flag: string): string {
  return flag.startsWith('--') ? flag.replaceAll('_', '-') : flag;
}

const BY_NAME: ReadonlyMap<string, OwnedFlag> = new Map(
  OWNED_FLAGS.flatMap((flag) => flag.names.map((name) => [name, flag])),
);

export function ownedFlag(name: string): OwnedFlag | undefined {
  return BY_NAME.get(name);
}

/**
 * The owned flags that argparse would take `name` for: it accepts any unambiguous beginning of a flag, so `--input 128`
 * is `--input-len 128` to vLLM. Empty for a name that is no beginning of an owned flag.
 */
export function abbreviated(name: string): string[] {
  if (name.startsWith('--') && name.length < 4) return [];
  const dashes = name.startsWith('--') ? 2 : 1;
  return [...BY_NAME.keys()].filter(
    (owned) => owned.startsWith(name) && owned !== name && (dashes === 2 || !owned.startsWith('--')),
  );
}

/** Flags of vLLM that are the beginning of an owned flag and mean something of their own. */
export const NOT_ABBREVIATIONS: ReadonlySet<string> = new Set([
  '--data-parallel',
  '--hf-token',
  '--hf-config',
  '--hf-overrides',
]);
