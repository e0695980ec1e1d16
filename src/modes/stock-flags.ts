import type { Facts } from '../schema/facts.ts';
import type { Workload } from '../schema/workload.ts';

/**
 * The workload in the flags of `vllm bench throughput`.
 *
 * From 0.14 `--input-len` and its like are accepted and ignored for random data: the `--random-*` flags count, and
 * before 0.14 they do not exist. All three lengths are always given, since their defaults are 1024, 128 and 0.
 * vLLM's prefix is additive, so the input that it is told is what follows the shared part.
 */
export function stockFlags(workload: Workload, facts: Facts): string[] {
  const random = (facts.capabilities?.random_length_flags ?? true) ? 'random-' : '';
  return [
    ...['--dataset-name', 'random'],
    ...[`--${random}input-len`, String(workload.prompt_len - workload.shared_len)],
    ...[`--${random}output-len`, String(workload.output_len)],
    ...[`--${random}prefix-len`, String(workload.shared_len)],
    ...['--num-prompts', String(workload.num_prompts)],
    ...(workload.warmups > 0 ? ['--num-warmups', String(workload.warmups)] : []),
    ...['--seed', String(workload.seed)],
  ];
}
