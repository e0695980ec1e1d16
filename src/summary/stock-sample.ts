import type { EngineLogFacts } from '../../parsers/engine-log.ts';
import { isUnreadable, type Unreadable } from '../../parsers/parser.ts';
import type { Figure } from '../../parsers/result-lines.ts';
import type { ThroughputJson } from '../../parsers/vllm-output-json.ts';
import type { ThroughputRun } from '../../parsers/vllm-throughput.ts';
import { EngineReport } from '../schema/engine.ts';
import type { Reason, Sample } from '../schema/record.ts';
import { attest } from './attest.ts';
import type { Asked, Comparison, Measured } from './check.ts';
import { missingTelemetry, UNSAMPLED } from './power.ts';
import { comparison, repeatedLines } from './printed.ts';
import { withoutRequestMetrics } from './request-metrics.ts';
import { UNTOLD_BY_FILES, type Where } from './sample.ts';
import { utilization } from './utilization.ts';

/** A run that left no measurement. */
export interface Unmeasured {
  readonly unmeasured: Reason;
}

/**
 * A sample of vLLM's own benchmark. Rates come from its --output-json, which has them at full precision; the split into
 * prompt and output tokens is on stdout only, in every version.
 */
export function sampleFromStock(
  run: ThroughputRun,
  json: ThroughputJson | Unreadable | null,
  asked: Asked,
  where: Where,
  exitCode: number | null,
  log: EngineLogFacts | null = null,
): Sample | Unmeasured {
  if (json === null || isUnreadable(json)) return { unmeasured: noResultFile(run, json, exitCode) };
  const { elapsed_time, num_requests, total_num_tokens } = json;
  const prompt_tokens = run.total_prompt_tokens.value;
  const output_tokens = run.total_output_tokens.value;
  const { latency, missing } = withoutRequestMetrics(NOT_REPORTED);
  const values = {
    request_throughput_rps: num_requests / elapsed_time,
    output_throughput_tps: output_tokens === null ? run.output_tps.value : output_tokens / elapsed_time,
    total_throughput_tps: total_num_tokens / elapsed_time,
    elapsed_s: elapsed_time,
    prefix_cache_hit_rate: null,
    mbu: null,
    mfu: null,
    ...UNSAMPLED.values,
  };
  const measured: Measured = {
    identity: null,
    exit_code: exitCode,
    requests: num_requests,
    prompt_tokens,
    output_tokens,
    total_tokens: total_num_tokens,
    cached_tokens: null,
    columns: null,
    elapsed_s: elapsed_time,
    warmup_requests: null,
    cache_reset: null,
    engine: engineOf(log),
    sampled: run.sampled.value,
    ignored_flags: run.ignored_flags.map(({ value }) => value),
    log,
    comparisons: comparisonsOf(run, json, values),
    unprinted: [],
    repeated_lines: repeatedLines(run),
  };
  const used = utilization(asked, measured);
  return {
    ...where,
    ...UNTOLD_BY_FILES,
    repeat: asked.repeat,
    invalid: attest(asked, measured),
    counts: { requests: num_requests, prompt_tokens, output_tokens, cached_tokens: null, preemptions: null },
    values: { ...values, ...used.values },
    latency,
    missing: { ...missing, ...printedOnly(run), ...missingValues(run), ...used.missing, ...missingTelemetry(UNTIMED) },
    phases: null,
  };
}

/** What vLLM logs of its settings, in place of the report that only our own driver gives. */
export function engineOf(log: EngineLogFacts | null): EngineReport | null {
  if (log?.config == null) return null;
  return EngineReport.parse({
    ...UNTOLD,
    ...log.config.value,
    kv_cache_tokens: log.kv_cache_tokens?.value ?? null,
  });
}

const UNTOLD = Object.fromEntries(Object.keys(EngineReport.shape).map((field) => [field, null]));

/** Narrows what `sampleFromStock` returns. */
export function isUnmeasured(result: Sample | Unmeasured): result is Unmeasured {
  return 'unmeasured' in result;
}

const NOT_REPORTED = 'vllm bench throughput does not report it';
const UNTIMED = 'vllm bench throughput does not report when it measured';

function noResultFile(run: ThroughputRun, json: Unreadable | null, exitCode: number | null): Reason {
  const said = run.request_rps.value === null ? 'printed no result' : 'printed a result';
  const file = json === null ? 'wrote no result file' : `left a result file that cannot be read (${json.unreadable})`;
  const code = json === null ? 'no-result' : 'unreadable-result';
  return {
    code,
    message: `the benchmark ${said}, ${file} and ${exitCode === null ? 'did not exit' : `exited with code ${exitCode}`}`,
  };
}

/** stdout against the file, and the file's rates against its own counts. */
function comparisonsOf(run: ThroughputRun, json: ThroughputJson, values: Sample['values']): Comparison[] {
  const { value: prompts } = run.total_prompt_tokens;
  const { value: outputs } = run.total_output_tokens;
  const exact = (what: string, printed: number, recomputed: number): Comparison => ({
    what,
    printed,
    recomputed,
    tolerance: Math.abs(recomputed) * 1e-9,
  });
  return [
    comparison('requests/s', run.request_rps, json.requests_per_second),
    comparison('total tokens/s', run.total_tps, json.tokens_per_second),
    outputs === null ? null : comparison('output tokens/s', run.output_tps, values.output_throughput_tps),
    prompts === null || outputs === null
      ? null
      : exact('prompt + output tokens', prompts + outputs, json.total_num_tokens),
    exact('requests_per_second', json.requests_per_second, json.num_requests / json.elapsed_time),
    exact('tokens_per_second', json.tokens_per_second, json.total_num_tokens / json.elapsed_time),
  ].flatMap((one) => (one === null ? [] : [one]));
}

/** A changed benchmark script may print the source document's four lines: a mean and a percentile are no distribution. */
function printedOnly(run: ThroughputRun): Record<string, string> {
  const words = (mean: Figure['value'], p99: Figure['value'], unit: string): string =>
    `printed as mean ${mean} ${unit} and P99 ${p99} ${unit} only; its requests are not told`;
  const { avg_ttft_s, p99_ttft_s, avg_tpot_tokens_per_s, p99_tpot_tokens_per_s } = run;
  return {
    ...(avg_ttft_s.value !== null && p99_ttft_s.value !== null
      ? { ttft_s: words(avg_ttft_s.value, p99_ttft_s.value, 's') }
      : {}),
    ...(avg_tpot_tokens_per_s.value !== null && p99_tpot_tokens_per_s.value !== null
      ? { tpot_tokens_per_s: words(avg_tpot_tokens_per_s.value, p99_tpot_tokens_per_s.value, 'tokens/s') }
      : {}),
  };
}

function missingValues(run: ThroughputRun): Record<string, string> {
  const { total_prompt_tokens, total_output_tokens, output_tps } = run;
  return {
    cached_tokens: NOT_REPORTED,
    preemptions: NOT_REPORTED,
    prefix_cache_hit_rate: NOT_REPORTED,
    ...(total_prompt_tokens.value === null ? { prompt_tokens: total_prompt_tokens.why } : {}),
    ...(total_output_tokens.value === null ? { output_tokens: total_output_tokens.why } : {}),
    ...(total_output_tokens.value === null && output_tps.value === null
      ? { output_throughput_tps: output_tps.why }
      : {}),
  };
}
