const ROOT_EXAMPLE = 'standalone_runs: [{name: ..., mode: vllm_throughput, ...}]';
/** What to write, for the hint of a problem: key -> an example that is valid. */
const EXAMPLES: Readonly<Record<string, string>> = {
  standalone_runs: 'standalone_runs: [{name: chat, mode: vllm_throughput, model: ..., workloads: [chatbot]}]',
  name: 'name: chat-fp8',
  mode: 'mode: vllm_throughput',
  args: 'args: --model meta-llama/Llama-3.1-70B-Instruct --dtype bfloat16',
  model: 'model: meta-llama/Llama-3.1-70B-Instruct',
  quantization: 'quantization: [none, fp8]',
  checkpoints: 'checkpoints: {fp8: org/model-FP8, fp4: org/model-NVFP4}',
  kv_cache_dtype: 'kv_cache_dtype: fp8',
  tensor_parallel_sizes: 'tensor_parallel_sizes: [1, 2, 4, 8]',
  pipeline_parallel_sizes: 'pipeline_parallel_sizes: [1]',
  length_configs: 'length_configs: [{input_len: 1024, output_len: 1024}]',
  input_len: 'input_len: 1024',
  output_len: 'output_len: 1024',
  prefix_len: 'prefix_len: 512',
  workloads: 'workloads: [chatbot, reasoning]',
  prefix_lens: 'prefix_lens: [0, 512]',
  num_prefixes: 'num_prefixes: 1',
  num_prompts: 'num_prompts: 1000',
  max_num_seqs: 'max_num_seqs: [128, 256]',
  max_model_len: 'max_model_len: 8192, or max_model_len: per_point',
  gpu_memory_utilization: 'gpu_memory_utilization: 0.9',
  repeats: 'repeats: 3',
  until: 'until: {cv: 0.03, max_repeats: 10}',
  cv: 'until: {cv: 0.03, max_repeats: 10}',
  max_repeats: 'until: {cv: 0.03, max_repeats: 10}',
  min_duration_seconds: 'min_duration_seconds: 5',
  starts: 'starts: 1',
  warmups: 'warmups: 16',
  seed: 'seed: 0',
  env: 'env: {VLLM_LOGGING_LEVEL: INFO}',
  timeout_minutes: 'timeout_minutes: 60',
  driver: 'driver: resident',
  order_seed: 'order_seed: 0',
  accelerators: 'accelerators: [{id: my-chip, label: My chip, names: [my chip], ...}], as docs/run-definition.md shows',
  defaults: 'defaults: {repeats: 3}',
};

/** `write: ...` for the innermost key of a path; null where there is no example. */
export function exampleOf(path: readonly PropertyKey[]): string | null {
  const key = path[0] === 'accelerators' ? path[0] : path.findLast((part) => typeof part === 'string');
  if (key === undefined) return `write: ${ROOT_EXAMPLE}`;
  return Object.hasOwn(EXAMPLES, key) ? `write: ${EXAMPLES[String(key)]}` : null;
}
