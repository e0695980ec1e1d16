import type { Chance } from './random.ts';

/** Points of these input lengths, 4 requests each; the driver says what the time was, so none is too short. */
function points(name: string, count: number, more: object = {}) {
  return {
    ...{ name, mode: 'vllm_throughput', model: 'stand-in/model', num_prompts: 4, warmups: 1, min_duration_seconds: 0 },
    length_configs: lengths(count),
    ...{ stall_minutes: 0.05, ...more },
  };
}

function lengths(count: number) {
  return Array.from({ length: count }, (_, i) => ({ input_len: 8 * (i + 1), output_len: 4 }));
}

/** Two jobs, three measurements. */
export const SMALL = definition([
  points('twice', 1, { repeats: 2, max_num_seqs: 16 }),
  points('alone', 1, { driver: 'stock', max_num_seqs: 17 }),
]);

/** 13 jobs and as many measurements, in three launches. */
export const MIDDLE = definition([
  points('single', 10, { max_num_seqs: 16 }),
  points('alone', 1, { driver: 'stock', max_num_seqs: 17 }),
  points('other', 2, { max_num_seqs: 19 }),
]);

/** 50 jobs in 68 measurements and 9 launches: single, repeated, in two engine starts, and of vLLM's own benchmark. */
export const FIFTY = definition([
  points('single', 20, { max_num_seqs: 16 }),
  points('repeated', 10, { max_num_seqs: 17, repeats: 2 }),
  points('started', 8, { max_num_seqs: 18, starts: 2 }),
  points('other', 8, { max_num_seqs: 19 }),
  points('stock', 4, { max_num_seqs: 20, driver: 'stock' }),
]);

function definition(runs: readonly object[]) {
  return { retries: 1, retry_delay_seconds: 0, standalone_runs: runs };
}

/** What goes wrong with the resident driver of `FIFTY`: each of `kinds` once, at a measurement that chance picks. */
export function mishapsOf(chance: Chance, kinds: readonly string[]): Record<string, string> {
  const places = [
    ...lengths(20).map(({ input_len }) => `single_TP-1_ISL-${input_len}_OSL-4/0/0`),
    ...lengths(10).flatMap(({ input_len }) => [0, 1].map((r) => `repeated_TP-1_ISL-${input_len}_OSL-4/0/${r}`)),
    ...lengths(8).flatMap(({ input_len }) => [0, 1].map((s) => `started_TP-1_ISL-${input_len}_OSL-4/${s}/0`)),
    ...lengths(8).map(({ input_len }) => `other_TP-1_ISL-${input_len}_OSL-4/0/0`),
  ];
  const shuffled = places.toSorted((a, b) => chance.number(a) - chance.number(b));
  return Object.fromEntries(kinds.map((kind, i) => [shuffled[i] ?? '', kind]));
}
