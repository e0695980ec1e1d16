import { EVENT_PREFIX } from '../src/schema/driver-protocol.ts';
import type { Line, Lines } from '../src/schema/evidence.ts';
import { type DecisiveError, decisiveErrorReader } from './decisive-error.ts';
import { type EngineConfig, engineConfigIn } from './engine-config.ts';
import { kernelIn } from './engine-kernels.ts';
import type { Found, Streams } from './parser.ts';

/** What an engine's log says about the engine; null where this vLLM or this device prints nothing of the kind. */
export interface EngineLog {
  /** The settings that it was made with, as vLLM logs them. */
  readonly config: Found<EngineConfig> | null;
  /** The smallest that any process reports, since that is what the engine can use. */
  readonly kv_cache_tokens: Found<number> | null;
  readonly max_concurrency: Found<{ readonly tokens_per_request: number; readonly requests: number }> | null;
  /** One a worker, in the order of the log. Never printed on a CPU. */
  readonly weights: readonly Found<{ readonly gib: number; readonly seconds: number }>[];
  /** Layers that online quantization says it will quantize; 0 means that it left the model as it was. */
  readonly quantized_layers: Found<number> | null;
  /** Kernels and back ends that vLLM says it uses, each once: `MarlinMxFp4LinearKernel for MXFP4 GEMM`. */
  readonly kernels: readonly Found<string>[];
  readonly decisive_error: DecisiveError | null;
  /** `EngineCore failed to start.`: starting it again would fail again (document 004). */
  readonly engine_failed_to_start: Found<string> | null;
  /** `uncorrectable NVLink error`: worth another attempt (document 004). */
  readonly nvlink_error: Found<string> | null;
  /** `engine core exited unexpectedly`: after this line its parent may wait for ever. */
  readonly engine_core_gone: Found<string> | null;
  readonly last_lines: { readonly stdout: readonly Line[]; readonly stderr: readonly Line[] };
}

export const NVLINK = 'uncorrectable NVLink error';

/** Reads both streams once, keeping no more of them than the last `tail` lines. */
export function parseEngineLog(streams: Streams, tail = 20): EngineLog {
  const facts = factsReader();
  const error = decisiveErrorReader();
  const stdout = lastLines(tail);
  const stderr = lastLines(tail);
  for (const line of streams.stdout) {
    // The driver's own lines quote errors of measurements that are settled.
    if (line.text.startsWith(EVENT_PREFIX)) continue;
    facts.read(line);
    error.stdout(line);
    stdout.keep(line);
  }
  for (const line of streams.stderr) {
    facts.read(line);
    error.stderr(line);
    stderr.keep(line);
  }
  return {
    ...facts.facts(),
    decisive_error: error.error(),
    last_lines: { stdout: stdout.lines(), stderr: stderr.lines() },
  };
}

/**
 * What a log says about the engine itself, read no further than the line by which our driver says that it is ready:
 * the same while the run goes on as ever after.
 */
export function parseEngineLogFacts(stdout: Lines): EngineLogFacts {
  const reader = factsReader();
  for (const line of stdout) {
    if (line.text.startsWith(EVENT_PREFIX) && line.text.includes('"engine_ready"')) break;
    reader.read(line);
  }
  const { config, kv_cache_tokens, max_concurrency, weights, quantized_layers, kernels } = reader.facts();
  return { config, kv_cache_tokens, max_concurrency, weights, quantized_layers, kernels };
}

// (EngineCore pid=81) INFO ... CPU KV cache size: 1,048,576 tokens, Maximum concurrency for 4,096 tokens per request: 256.00x
// INFO ... GPU KV cache size: 1,234 tokens                                   (to 0.27.1 the second half is its own line)
const kvCacheSize = /KV cache size: (?<tokens>\d[\d,]*) tokens/;
const concurrency = /Maximum concurrency for (?<tokens>\d[\d,]*) tokens per request: (?<requests>\d+(?:\.\d+)?)x/;
// (Worker pid=9) INFO ... Model loading took 14.99 GiB memory and 3.210000 seconds     (older: `GiB and`)
const weightsLoaded = /Model loading took (?<gib>\d+(?:\.\d+)?) GiB(?: memory)? and (?<seconds>\d+(?:\.\d+)?) seconds/;
// (Worker pid=9) INFO ... [base_loader.py:151] Quantizing 16 layers of types: mlp.down_proj: 4 (from linear: ...); ...
const quantizing = /Quantizing (?<layers>\d+) layers of types:/;

/** The part of an engine's log that measurements are held against. */
export type EngineLogFacts = Pick<
  EngineLog,
  'config' | 'kv_cache_tokens' | 'max_concurrency' | 'weights' | 'quantized_layers' | 'kernels'
>;

type Facts = Omit<EngineLog, 'decisive_error' | 'last_lines'>;

function factsReader(): { read(line: Line): void; facts(): Facts } {
  let config: Facts['config'] = null;
  let kv_cache_tokens: Facts['kv_cache_tokens'] = null;
  let max_concurrency: Facts['max_concurrency'] = null;
  let quantized_layers: Facts['quantized_layers'] = null;
  let engine_failed_to_start: Found<string> | null = null;
  let nvlink_error: Found<string> | null = null;
  let engine_core_gone: Found<string> | null = null;
  const weights: { value: { gib: number; seconds: number }; line: number }[] = [];
  const kernels = new Map<string, Found<string>>();
  const at = <T>(value: T, line: Line): Found<T> => ({ value, line: line.number });
  return {
    read(line) {
      const { text } = line;
      const tokens = count(kvCacheSize.exec(text)?.groups?.['tokens']);
      if (tokens !== null && tokens <= (kv_cache_tokens?.value ?? tokens)) kv_cache_tokens = at(tokens, line);
      const fits = concurrency.exec(text)?.groups;
      const tokens_per_request = count(fits?.['tokens']);
      if (tokens_per_request !== null) {
        max_concurrency = at({ tokens_per_request, requests: Number(fits?.['requests']) }, line);
      }
      const loaded = weightsLoaded.exec(text)?.groups;
      if (loaded !== undefined && weights.length < MOST_WORKERS) {
        weights.push(at({ gib: Number(loaded['gib']), seconds: Number(loaded['seconds']) }, line));
      }
      const layers = count(quantizing.exec(text)?.groups?.['layers']);
      if (layers !== null) quantized_layers = at(layers, line);
      const settings = config === null ? engineConfigIn(line) : null;
      if (settings !== null) config = at(settings, line);
      const kernel = kernelIn(line);
      if (kernel !== null && !kernels.has(kernel) && kernels.size < MOST_KERNELS) kernels.set(kernel, at(kernel, line));
      if (text.includes('EngineCore failed to start.')) engine_failed_to_start ??= at(text, line);
      if (text.includes(NVLINK)) nvlink_error ??= at(text, line);
      if (text.includes('engine core exited unexpectedly')) engine_core_gone ??= at(text, line);
    },
    facts: () => ({
      config,
      kv_cache_tokens,
      max_concurrency,
      weights,
      quantized_layers,
      kernels: [...kernels.values()],
      engine_failed_to_start,
      nvlink_error,
      engine_core_gone,
    }),
  };
}

/** Enough for any engine; a log that repeats the line for ever must not fill the memory. */
const MOST_WORKERS = 1024;
const MOST_KERNELS = 64;

function count(text: string | undefined): number | null {
  const value = Number(text?.replaceAll(',', ''));
  return text !== undefined && Number.isSafeInteger(value) ? value : null;
}

function lastLines(most: number): { keep(line: Line): void; lines(): Line[] } {
  let kept: Line[] = [];
  return {
    keep(line) {
      kept.push(line);
      // Cut in batches: shifting an array on every line of a GB costs more than the parsing.
      if (kept.length >= 2 * most + 64) kept = kept.slice(-most);
    },
    lines: () => kept.slice(kept.length - Math.min(most, kept.length)),
  };
}
