import type { Distribution, Reason, Sample } from '../../src/schema/record.ts';

/** Of `n` requests that all have this value. */
export function equalRequests(n: number, value = 1): Distribution {
  const stdev = n < 2 ? null : 0;
  return { n, mean: value, stdev, min: value, p1: value, p50: value, p90: value, p95: value, p99: value, max: value };
}

/** A sample of which nothing is known but its output throughput, and what `changes` say of its requests. */
export function sampleAs(
  place: { readonly start?: number; readonly repeat: number },
  output_throughput_tps: number | null,
  { latency = {}, invalid = [] }: { latency?: Partial<Sample['latency']>; invalid?: Reason[] } = {},
): Sample {
  return {
    ...{ start: place.start ?? 0, repeat: place.repeat, attempt: '0001_a', evidence: 'a.json', invalid },
    ...{ devices: [], beside: [], foreign: null, telemetry: null },
    counts: { requests: 4, prompt_tokens: null, output_tokens: null, cached_tokens: null, preemptions: null },
    values: {
      request_throughput_rps: null,
      output_throughput_tps,
      total_throughput_tps: null,
      elapsed_s: null,
      prefix_cache_hit_rate: null,
      mbu: null,
      mfu: null,
      power_w: null,
      energy_per_output_token_j: null,
    },
    latency: {
      ttft_s: null,
      ttft_frontend_s: null,
      queue_s: null,
      prefill_s: null,
      decode_s: null,
      e2e_s: null,
      tpot_s: null,
      tpot_tokens_per_s: null,
      ...latency,
    },
    missing: {},
    phases: null,
  };
}

/** Engine starts, each with the output throughputs of its repeats. */
export function samplesAs(...starts: readonly (readonly number[])[]): Sample[] {
  return starts.flatMap((values, start) => values.map((value, repeat) => sampleAs({ start, repeat }, value)));
}
