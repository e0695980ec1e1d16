import { REQUEST_METRICS, SAMPLE_METRICS } from '../schema/metrics.ts';
import type { Aggregate, Distribution, Sample } from '../schema/record.ts';
import { aggregate } from '../stats/aggregate.ts';
import { isNotDescribable } from '../stats/describe.ts';

/** What a record tells of each distribution over requests; its results are called `<metric>_<statistic>`. */
export const STATISTICS = ['mean', 'p1', 'p50', 'p90', 'p95', 'p99'] as const satisfies readonly (keyof Distribution)[];

/** Every number of a record, over its valid samples. A metric that none of them has is absent. */
export function resultsOf(samples: readonly Sample[]): Record<string, Aggregate> {
  const valid = validOf(samples);
  const results: Record<string, Aggregate> = {};
  const add = (key: string, values: readonly (number | null)[]): void => {
    const over = aggregate(values.filter((value) => value !== null));
    if (!isNotDescribable(over)) results[key] = over;
  };
  for (const metric of SAMPLE_METRICS) {
    add(
      metric,
      valid.map(({ values }) => values[metric]),
    );
  }
  for (const metric of REQUEST_METRICS) {
    for (const statistic of STATISTICS) {
      add(
        `${metric}_${statistic}`,
        valid.map(({ latency }) => latency[metric]?.[statistic] ?? null),
      );
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

function validOf(samples: readonly Sample[]): Sample[] {
  return samples.filter(({ invalid }) => invalid.length === 0);
}
