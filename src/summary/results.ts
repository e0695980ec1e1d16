import { REQUEST_METRICS, SAMPLE_METRICS } from '../schema/metrics.ts';
import type { Aggregate, Distribution, Sample } from '../schema/record.ts';
import { aggregate } from '../stats/aggregate.ts';
import { isNotDescribable } from '../stats/describe.ts';
import type { Placed } from '../stats/placed.ts';

/** What a record tells of each distribution over requests; its results are called `<metric>_<statistic>`. */
export const STATISTICS = ['mean', 'p1', 'p50', 'p90', 'p95', 'p99'] as const satisfies readonly (keyof Distribution)[];

/** Every number of a record, over its valid samples. A metric that none of them has is absent. */
export function resultsOf(samples: readonly Sample[]): Record<string, Aggregate> {
  const valid = validOf(samples);
  const results: Record<string, Aggregate> = {};
  const add = (key: string, read: (sample: Sample) => number | null): void => {
    const over = aggregate(placed(valid, read));
    if (!isNotDescribable(over)) results[key] = over;
  };
  for (const metric of SAMPLE_METRICS) {
    add(metric, ({ values }) => values[metric]);
  }
  for (const metric of REQUEST_METRICS) {
    for (const statistic of STATISTICS) {
      add(`${metric}_${statistic}`, ({ latency }) => latency[metric]?.[statistic] ?? null);
    }
  }
  return results;
}

/** Why a metric is in none of the results. */
export function missingOf(samples: readonly Sample[]): Record<string, string> {
  const valid = validOf(samples);
  const absent = [
    ...SAMPLE_METRICS.filter((metric) => valid.every(({ values }) => values[metric] === null)),
    ...REQUEST_METRICS.filter((metric) => valid.every(({ latency }) => latency[metric] === null)),
  ];
  const why = (metric: string): string => valid[0]?.missing[metric] ?? 'no valid sample';
  return Object.fromEntries(absent.map((metric) => [metric, why(metric)]));
}

/** The values of a metric, each with its engine process and repeat; samples without it are left out. */
export function placed(samples: readonly Sample[], read: (sample: Sample) => number | null): Placed[] {
  return samples.flatMap((sample) => {
    const value = read(sample);
    return value === null ? [] : [{ start: sample.start, attempt: sample.attempt, repeat: sample.repeat, value }];
  });
}

export function validOf(samples: readonly Sample[]): Sample[] {
  return samples.filter(({ invalid }) => invalid.length === 0);
}
