import { execa } from 'execa';
import { z } from 'zod';
import { Capabilities } from '../schema/facts.ts';
import type { Env } from './on-path.ts';

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
  readonly signal?: AbortSignal;
}

const TIMEOUT_SECONDS = 20;

/** Runs the probe in a Python; it imports neither torch nor vLLM, so it answers in a tenth of a second. */
export async function probePython({ python, script, env, signal }: ProbeRequest): Promise<ProbeOutcome> {
  const result = await execa(python, [script], {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: TIMEOUT_SECONDS * 1000,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (result.timedOut) return { kind: 'broken', reason: `it did not answer in ${TIMEOUT_SECONDS} s` };
  if (result.failed)
    return { kind: 'broken', reason: lastLine(result.stderr ?? '') ?? result.shortMessage ?? 'it failed' };
  return readProbe(result.stdout);
}

function readProbe(stdout: string): ProbeOutcome {
  // Some environments print a greeting at start-up (sitecustomize): the object is the last line.
  const json = parseJson(lastLine(stdout) ?? '');
  const without = WithoutVllm.safeParse(json);
  if (without.success) return { kind: 'no-vllm', pythonVersion: without.data.python_version };
  const probe = Probe.safeParse(json);
  if (probe.success) return { kind: 'vllm', probe: probe.data };
  return { kind: 'broken', reason: `the probe printed something else: ${lastLine(stdout) ?? 'nothing'}` };
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
