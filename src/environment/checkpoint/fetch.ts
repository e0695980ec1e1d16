import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { cachedSnapshot, readText } from './snapshot.ts';

export interface FetchRequest {
  /** Whose huggingface_hub fetches. */
  readonly python: string;
  /** src/drivers/fetch_config.py. */
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Branch, tag or commit; absent: `main`. */
  readonly revision?: string | undefined;
  readonly timeoutSeconds?: number;
}

const TIMEOUT_SECONDS = 30;

/** What src/drivers/fetch_config.py prints last. */
const Answer = z.object({ problem: z.string().nullable() });

/** True for a name of the Hugging Face hub, such as `gpt2` or `Qwen/Qwen3-0.6B`: no address, no file. */
export function isHubId(model: string): boolean {
  return /^\w[\w.-]*(?:\/\w[\w.-]*)?$/.test(model);
}

/** True when the cache has what `checkpointFacts` reads of a model of the hub. */
export function isCached(model: string, env: FetchRequest['env'], revision?: string): boolean {
  const snapshot = cachedSnapshot(model, env, revision);
  return snapshot !== null && readText(join(snapshot, 'config.json')) !== null;
}

/**
 * Fetches the small files of a model into the Hugging Face cache: what it is must be known before the run is planned,
 * and must not become another thing when vLLM downloads the rest. Gives why config.json cannot be had, as a clause, or
 * null; throws only when the user gives up meanwhile.
 */
export async function fetchConfig(model: string, request: FetchRequest): Promise<string | null> {
  const { python, script, env, signal, revision, timeoutSeconds = TIMEOUT_SECONDS } = request;
  const result = await execa(python, [script, model, ...(revision === undefined ? [] : [revision])], {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: timeoutSeconds * 1000,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  if (result.timedOut) return `the hub did not answer within ${timeoutSeconds} s`;
  // Some environments print a greeting at start-up: the object is the last line.
  const answer = Answer.safeParse(parseJson(result.stdout?.trim().split('\n').at(-1) ?? ''));
  return answer.success ? answer.data.problem : `${python} could not fetch it`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
