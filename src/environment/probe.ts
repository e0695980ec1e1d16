import { execa } from 'execa';
import { z } from 'zod';
import { Capabilities } from '../schema/facts.ts';
import type { Env } from './on-path.ts';
import { keep, recall } from './probe-cache.ts';

/** What src/drivers/probe.py prints for a Python with vLLM: its capabilities, and what else can change a number. */
export const Probe = Capabilities.extend({
  cuda_version: z.string().nullable(),
  vllm_path: z.string(),
  packages: z.record(z.string(), z.string()),
});
export type Probe = z.output<typeof Probe>;

const WithoutVllm = z.object({ vllm_version: z.null(), python_version: z.string() });

export type ProbeOutcome =
  | { readonly kind: 'vllm'; readonly probe: Probe }
  | { readonly kind: 'no-vllm'; readonly pythonVersion: string }
  | { readonly kind: 'broken'; readonly reason: string };

export interface ProbeRequest {
  readonly python: string;
  readonly script: string;
  readonly env: Env;
  /** The folder for answers of earlier commands; without one the Python is always asked. */
  readonly cache?: string;
  readonly signal?: AbortSignal;
}

const TIMEOUT_SECONDS = 20;

/**
 * What a Python says of itself and its vLLM; a tenth of a second, because neither torch nor vLLM is imported, or nearly
 * nothing when it said so before and nothing has changed since.
 */
export async function probePython(request: ProbeRequest): Promise<ProbeOutcome> {
  const { cache } = request;
  const kept = cache === undefined ? null : readAnswer(recall(cache, request));
  if (kept !== null) return kept;
  const answer = await askPython(request);
  if ('reason' in answer) return { kind: 'broken', reason: answer.reason };
  // Some environments print a greeting at start-up (sitecustomize): the object is the last line.
  const line = lastLine(answer.stdout);
  const json = parseJson(line ?? '');
  const outcome = readAnswer(json);
  if (outcome === null) return { kind: 'broken', reason: `the probe printed something else: ${line ?? 'nothing'}` };
  if (cache !== undefined) keep(cache, request, json);
  return outcome;
}

async function askPython({
  python,
  script,
  env,
  signal,
}: ProbeRequest): Promise<{ stdout: string } | { reason: string }> {
  const result = await execa(python, [script], {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: TIMEOUT_SECONDS * 1000,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (result.timedOut) return { reason: `it did not answer in ${TIMEOUT_SECONDS} s` };
  if (result.failed) return { reason: lastLine(result.stderr ?? '') ?? result.shortMessage ?? 'it failed' };
  return { stdout: result.stdout };
}

function readAnswer(json: unknown): ProbeOutcome | null {
  const without = WithoutVllm.safeParse(json);
  if (without.success) return { kind: 'no-vllm', pythonVersion: without.data.python_version };
  const probe = Probe.safeParse(json);
  return probe.success ? { kind: 'vllm', probe: probe.data } : null;
}

function lastLine(text: string): string | null {
  return text.trim().split('\n').at(-1)?.trim() || null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
