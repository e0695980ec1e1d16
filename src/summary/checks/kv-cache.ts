import { mostKvTokens } from '../../physics/kv-cache.ts';
import type { EngineSettings } from '../../schema/engine.ts';
import type { ModelSize } from '../../schema/model-size.ts';
import type { Asked, Check, Measured } from '../check.ts';

/** Share of requests that may be preempted. */
const MOST_PREEMPTED = 0.05;

/** How much larger than its dtype says a KV cache may be: half-way to the next larger one, which has twice the bits. */
const LARGEST_FACTOR = 1.5;

/** Whether the KV cache is what was asked for, and large enough for the point. */
export const KV_CACHE_CHECKS: readonly Check[] = [
  {
    id: 'kv-cache-size',
    compares: "bits of an element of the KV cache, from its tensors' bytes, with kv_cache_dtype",
    tolerance:
      'at most 1.5 times; NVFP4 has 4.5 bits with its scales; only for a model without layers that have a window, ' +
      'and where TP divides its KV heads, or is 1: else devices keep the same one',
    stands_for: '`--kv-cache-dtype nvfp4` on a CPU with vLLM 0.32: accepted, and 8 bits an element',
    wrong: wrongSize,
  },
  {
    id: 'kv-concurrency',
    compares: 'tokens that the KV cache holds with the prompts of max_num_seqs requests at once',
    tolerance:
      'at least as many; a shared prefix counts once; only when max_num_seqs was asked for, and the model is known ' +
      'to have no layers with a window, of which vLLM counts more than a request holds',
    stands_for: 'a batch of 256 that was asked for and a KV cache with room for 30: another batch size was measured',
    wrong: tooFewTokens,
  },
  {
    id: 'preemptions',
    compares: 'requests that were preempted with all requests',
    tolerance: 'at most 5 %: each is computed again from its first token, so more costs more than repeats differ',
    stands_for: 'a KV cache that is too small for the point: throughput of doing the same work twice',
    wrong: (_asked, { columns }) => {
      const preempted = columns?.preemptions.filter((count) => (count ?? 0) > 0).length ?? 0;
      const all = columns?.preemptions.length ?? 0;
      if (preempted <= MOST_PREEMPTED * all) return null;
      return `${preempted} of ${all} requests were preempted: the KV cache is too small for this point`;
    },
  },
];

function wrongSize({ engine: asked, checkpoint }: Asked, { engine }: Measured): string | null {
  const bits = bitsOf(asked.kv_cache_dtype);
  const size = checkpoint?.size ?? null;
  const elements = size?.kv_elements_per_token ?? 0;
  const bytes = engine?.kv_cache_bytes ?? null;
  const tokens = mostKvTokens(size, engine);
  if (bits === null || elements === 0 || bytes === null || !tokens || !isSpread(size, asked)) return null;
  const measured = (8 * bytes) / (tokens * elements);
  if (measured <= LARGEST_FACTOR * bits) return null;
  return `the KV cache has ${measured.toFixed(1)} bits an element; ${asked.kv_cache_dtype} has ${bits}`;
}

/** Whether each KV head is kept by one device. */
function isSpread(size: ModelSize | null, { tensor_parallel_size }: EngineSettings): boolean {
  if (tensor_parallel_size === 1) return true;
  return size?.kv_heads !== undefined && size.kv_heads % tensor_parallel_size === 0;
}

/** Null for `auto` and for names whose size is not known. */
function bitsOf(dtype: string | null): number | null {
  if (dtype === null) return null;
  if (dtype === 'nvfp4') return 4.5;
  if (/^(?:fp8|int8)(?:_|$)/.test(dtype)) return 8;
  return /^(?:bfloat16|float16|half)$/.test(dtype) ? 16 : null;
}

function tooFewTokens(
  { workload, engine: asked, checkpoint, max_model_len }: Asked,
  measured: Measured,
): string | null {
  const { engine, log } = measured;
  const tokens = mostKvTokens(checkpoint?.size ?? null, {
    kv_cache_tokens: engine?.kv_cache_tokens ?? log?.kv_cache_tokens?.value ?? null,
    block_size: engine?.block_size ?? null,
    max_model_len: engine?.max_model_len ?? max_model_len,
  });
  if (asked.max_num_seqs === null || tokens === null) return null;
  const together = Math.min(asked.max_num_seqs, workload.num_prompts);
  const shared = asked.enable_prefix_caching ? workload.shared_len : 0;
  const needed = together * (workload.prompt_len - shared) + shared * Math.min(workload.num_prefixes, together);
  if (tokens >= needed) return null;
  return `the KV cache holds ${tokens} tokens; the prompts of ${together} requests at once have ${needed}`;
}
