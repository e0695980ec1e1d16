import type { EngineSettings } from '../schema/engine.ts';
import { canonicalFlag } from './owned-flags.ts';

const PREFILL_CONTEXT = '--prefill-context-parallel-size';
/** Argparse takes any beginning of a flag that is no other flag's; `--prefill-schedule-interval` is another one. */
const SHORTEST = '--prefill-c';

/**
 * Workers of an engine, each on a device of its own: TP x PP x prefill context parallel, vLLM's world size
 * (vllm/config/parallel.py). Decode context parallelism shares these workers.
 */
export function workersOf(engine: EngineSettings): number {
  const { tensor_parallel_size, pipeline_parallel_size } = engine;
  return tensor_parallel_size * pipeline_parallel_size * prefillContextOf(engine);
}

/** Workers among which the context of a prompt is divided; 1 where nothing asks for more. The last word counts. */
export function prefillContextOf({ extra_args: words }: Pick<EngineSettings, 'extra_args'>): number {
  const at = words.findLastIndex(isPrefillContext);
  const [word = '', next = ''] = at < 0 ? [] : words.slice(at, at + 2);
  const value = word.includes('=') ? word.slice(word.indexOf('=') + 1) : next;
  return /^\d+$/.test(value) ? Math.max(1, Number(value)) : 1;
}

function isPrefillContext(word: string): boolean {
  const name = canonicalFlag(word.split('=')[0] ?? '');
  return name === '-pcp' || (name.startsWith(SHORTEST) && PREFILL_CONTEXT.startsWith(name));
}
