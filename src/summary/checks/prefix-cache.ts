import { isSpeculative } from '../../config/flag-value.ts';
import { hitRateBound, type Workload } from '../../schema/workload.ts';
import type { Asked, Check, Measured } from '../check.ts';

/** Share of the best possible hit rate that a warm prefix has to reach. */
const LEAST_SHARE = 0.9;

/** When the engine does not tell its block size, each bound is taken for the block size that is easiest on it. */
const LARGEST_BLOCK = 256;

/** Whether the prefix cache served what it should have, and nothing else. */
export const PREFIX_CACHE_CHECKS: readonly Check[] = [
  {
    id: 'cached-tokens',
    compares: 'cached prompt tokens of a point without a shared prefix, or with prefix caching off, with 0',
    tolerance: 'exact, for every request that tells',
    stands_for: 'an engine that was not reset between points: up to 2.3 x too fast on vLLM 0.32',
    wrong: (asked, measured) => {
      const { least } = cachedTokens(measured);
      return wantsHits(asked) || least === 0
        ? null
        : `${least} prompt tokens came from the prefix cache; this point must have none`;
    },
  },
  {
    id: 'prefix-missed',
    compares: 'hit rate of a warm shared prefix with the best possible one',
    tolerance:
      'at least 0.9 of it; with speculative decoding, which may drop the last block of a hit, of one block less',
    stands_for: 'a prefix that is not really shared, or that did not fit into the KV cache',
    wrong: (asked, measured) => {
      if (!wantsHits(asked) || asked.workload.prefix_state !== 'warm' || !measured.prompt_tokens) return null;
      const rate = cachedTokens(measured).most / measured.prompt_tokens;
      const bound = leastBest(asked, measured.engine?.block_size ?? LARGEST_BLOCK);
      return rate >= LEAST_SHARE * bound ? null : `hit rate ${percent(rate)} of at best ${percent(bound)}`;
    },
  },
  {
    id: 'prefix-exceeded',
    compares: 'hit rate of a shared prefix with the best possible one',
    tolerance: 'at most one block a request above it',
    stands_for: 'prompts that repeat beyond their prefix, or a cache still warm from the repeat before',
    wrong: (asked, measured) => {
      if (!wantsHits(asked) || !measured.prompt_tokens) return null;
      const rate = cachedTokens(measured).least / measured.prompt_tokens;
      const most = mostHits(asked.workload, measured.engine?.block_size ?? null);
      return rate <= most ? null : `hit rate ${percent(rate)}, more than the ${percent(most)} that the prefix allows`;
    },
  },
  {
    id: 'cache-reset',
    compares: 'what vLLM answers to reset_prefix_cache before the measurement',
    tolerance: 'not false; older than 0.12 does not answer',
    stands_for: 'blocks still held by unfinished requests: the cache of the last measurement stays',
    wrong: (_asked, { cache_reset }) =>
      cache_reset === false ? 'vLLM refused to reset the prefix cache: some blocks were still in use' : null,
  },
];

function wantsHits({ workload, engine }: Asked): boolean {
  return workload.shared_len > 0 && engine.enable_prefix_caching;
}

/** Not every request may tell: what is certain, and what is possible if the others hit all that they can. */
function cachedTokens({ cached_tokens, columns, prompt_tokens }: Measured): { least: number; most: number } {
  if (cached_tokens !== null) return { least: cached_tokens, most: cached_tokens };
  const told = columns?.cached_tokens ?? [];
  const least = told.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const untold = columns?.prompt_tokens.filter((_, row) => told[row] == null) ?? [];
  return { least, most: columns === null ? (prompt_tokens ?? 0) : untold.reduce((sum, count) => sum + count, least) };
}

/** The best rate that this engine is sure to allow: EAGLE and MTP compute the last block of a hit again. */
function leastBest({ workload, engine }: Asked, blockSize: number): number {
  const bound = hitRateBound(workload, blockSize);
  return isSpeculative(engine.extra_args) ? Math.max(0, bound - blockSize / workload.prompt_len) : bound;
}

function mostHits(workload: Workload, blockSize: number | null): number {
  return hitRateBound(workload, blockSize ?? 1) + (blockSize ?? LARGEST_BLOCK) / workload.prompt_len;
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
