import type { EngineLogFacts } from '../../parsers/engine-log.ts';
import type { ThroughputRun } from '../../parsers/vllm-throughput.ts';
import type { MeasurementFile } from '../schema/driver-protocol.ts';
import type { Sample } from '../schema/record.ts';
import { attest } from './attest.ts';
import type { Asked, Comparison, Measured } from './check.ts';
import { UNSAMPLED } from './power.ts';
import { comparison, repeatedLines, unprintedLines } from './printed.ts';
import { type RequestMetrics, requestMetrics, withoutRequestMetrics } from './request-metrics.ts';
import { utilization } from './utilization.ts';

/** Where a sample comes from. */
export type Where = Pick<Sample, 'start' | 'attempt' | 'evidence'>;

/** What the run knows of a sample and its files do not. */
export const UNTOLD_BY_FILES: Pick<Sample, 'devices' | 'beside' | 'foreign' | 'telemetry'> = {
  devices: [],
  beside: [],
  foreign: null,
  telemetry: null,
};

/**
 * A sample of the resident driver. `printed` is what the driver said on stdout about the same measurement; null when
 * that is not at hand. `log` is what the engine itself said in the same attempt.
 */
export function sampleFromMeasurement(
  file: MeasurementFile,
  asked: Asked,
  where: Where,
  printed: ThroughputRun | null,
  log: EngineLogFacts | null = null,
): Sample {
  const { measured, counts, values, metrics } = readFile(file, printed, log);
  const used = utilization(asked, measured);
  return {
    ...where,
    ...UNTOLD_BY_FILES,
    repeat: asked.repeat,
    invalid: attest(asked, measured),
    counts,
    values: { ...values, ...used.values },
    latency: metrics.latency,
    missing: { ...missingCounts(counts), ...metrics.missing, ...used.missing, ...UNSAMPLED.missing },
    phases: file.phases,
  };
}

/** What the file says, in the form that every driver's measurement has. */
export function measuredOf(file: MeasurementFile, printed: ThroughputRun | null, log: EngineLogFacts | null): Measured {
  return readFile(file, printed, log).measured;
}

function readFile(file: MeasurementFile, printed: ThroughputRun | null, log: EngineLogFacts | null) {
  const { requests } = file;
  const prompt_tokens = sum(requests.prompt_tokens);
  const output_tokens = sum(requests.output_tokens);
  const cached_tokens = sumOrNull(requests.cached_tokens);
  const metrics =
    file.metrics_missing === null ? requestMetrics(requests) : withoutRequestMetrics(file.metrics_missing);
  const counts = {
    requests: requests.prompt_tokens.length,
    prompt_tokens,
    output_tokens,
    cached_tokens,
    preemptions: sumOrNull(requests.preemptions),
  };
  const values = {
    request_throughput_rps: counts.requests / file.elapsed_s,
    output_throughput_tps: output_tokens / file.elapsed_s,
    total_throughput_tps: (prompt_tokens + output_tokens) / file.elapsed_s,
    elapsed_s: file.elapsed_s,
    prefix_cache_hit_rate: cached_tokens === null || prompt_tokens === 0 ? null : cached_tokens / prompt_tokens,
    mbu: null,
    mfu: null,
    ...UNSAMPLED.values,
  };
  const measured: Measured = {
    identity: { job_id: file.job_id, repeat: file.repeat, method: file.method, asked: file.asked },
    exit_code: null,
    requests: counts.requests,
    prompt_tokens,
    output_tokens,
    total_tokens: prompt_tokens + output_tokens,
    cached_tokens,
    columns: requests,
    elapsed_s: file.elapsed_s,
    warmup_requests: file.warmup_requests,
    cache_reset: file.cache_reset,
    engine: file.engine,
    sampled: null,
    ignored_flags: [],
    log,
    comparisons: printed === null ? [] : comparisonsOf(printed, { prompt_tokens, output_tokens }, values, metrics),
    unprinted: printed === null ? [] : unprintedLines(printed),
    repeated_lines: printed === null ? [] : repeatedLines(printed),
  };
  return { measured, counts, values, metrics };
}

/** Each figure that the driver printed beside the same one made from the file. */
function comparisonsOf(
  printed: ThroughputRun,
  tokens: { readonly prompt_tokens: number; readonly output_tokens: number },
  values: Sample['values'],
  { latency }: RequestMetrics,
): Comparison[] {
  return [
    comparison('requests/s', printed.request_rps, values.request_throughput_rps),
    comparison('total tokens/s', printed.total_tps, values.total_throughput_tps),
    comparison('output tokens/s', printed.output_tps, values.output_throughput_tps),
    comparison('prompt tokens', printed.total_prompt_tokens, tokens.prompt_tokens),
    comparison('output tokens', printed.total_output_tokens, tokens.output_tokens),
    comparison('average TTFT', printed.avg_ttft_s, latency.ttft_s?.mean ?? null),
    comparison('P99 TTFT', printed.p99_ttft_s, latency.ttft_s?.p99 ?? null),
    comparison('average TPOT', printed.avg_tpot_tokens_per_s, latency.tpot_tokens_per_s?.mean ?? null),
    comparison('P99 TPOT', printed.p99_tpot_tokens_per_s, latency.tpot_tokens_per_s?.p99 ?? null),
  ].flatMap((one) => (one === null ? [] : [one]));
}

function missingCounts(counts: Sample['counts']): Record<string, string> {
  const untold = 'this vLLM does not tell it for every request';
  return {
    ...(counts.cached_tokens === null ? { cached_tokens: untold, prefix_cache_hit_rate: untold } : {}),
    ...(counts.preemptions === null ? { preemptions: untold } : {}),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Null when one is unknown: a sum of the others would pass for the whole. */
function sumOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length && known.length > 0 ? sum(known) : null;
}
