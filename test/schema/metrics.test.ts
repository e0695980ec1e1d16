import { expect, test } from 'vitest';
import { NAMES_ELSEWHERE, TOOLS } from '../../src/schema/metric-names.ts';
import { METRICS, type MetricId, REQUEST_METRICS, SAMPLE_METRICS } from '../../src/schema/metrics.ts';
import { Sample } from '../../src/schema/record.ts';

const ids = Object.keys(METRICS) as MetricId[];

test('every number of a sample is a metric, and every metric is in a sample', () => {
  expect([...SAMPLE_METRICS].toSorted()).toEqual(Object.keys(Sample.shape.values.shape).toSorted());
  expect([...REQUEST_METRICS].toSorted()).toEqual(Object.keys(Sample.shape.latency.shape).toSorted());
  expect([...SAMPLE_METRICS, ...REQUEST_METRICS].toSorted()).toEqual(ids.toSorted());
});

const UNIT_OF_ENDING = {
  ...{ tokens_per_s: 'tok/s', rps: 'req/s', tps: 'tok/s', s: 's' },
  ...{ w: 'W', per_output_token_j: 'J/tok' },
};

test.each(ids)('%s: the key carries the unit, and time, power and energy are better low', (id) => {
  const ending = Object.entries(UNIT_OF_ENDING).find(([one]) => id.endsWith(`_${one}`));
  expect(METRICS[id].unit).toBe(ending?.[1] ?? '');
  expect(METRICS[id].better).toBe(['s', 'W', 'J/tok'].includes(METRICS[id].unit) ? 'lower' : 'higher');
});

test.each(ids)('%s: has a definition, the source of its formula, and a name elsewhere', (id) => {
  expect(METRICS[id].definition.length).toBeGreaterThan(10);
  expect(METRICS[id].source).toMatch(/vllm\/.*\.py|arXiv:|Databricks|inverse of tpot_s|nvidia-smi|power_w/);
  expect(NAMES_ELSEWHERE[id].length).toBeGreaterThan(0);
});

test('every tool is there for output throughput, TTFT and TPOT, by whatever name', () => {
  const toolsOf = (...metrics: MetricId[]) =>
    new Set(metrics.flatMap((id) => NAMES_ELSEWHERE[id]).map(({ tool }) => tool));
  expect(toolsOf('output_throughput_tps')).toEqual(new Set(TOOLS));
  const online = TOOLS.filter((tool) => tool !== 'vLLM bench throughput');
  expect(toolsOf('ttft_s')).toEqual(new Set(online));
  expect(toolsOf('tpot_s')).toEqual(new Set(online));
});

test('no tool has one name for two things', () => {
  const uses = ids.flatMap((id) =>
    NAMES_ELSEWHERE[id].flatMap(({ tool, names }) => names.map((name) => `${tool}: ${name}`)),
  );
  // GuideLLM: the throughput of a run and the speed of a request; vLLM: our TTFT and that of the front end.
  const known = ['GuideLLM: output_tokens_per_second', 'vLLM /metrics: vllm:time_to_first_token_seconds'];
  expect(uses.filter((use, index) => uses.indexOf(use) !== index).toSorted()).toEqual(known);
});
