import fc from 'fast-check';
import { compile, type TopLevelSpec } from 'vega-lite';
import { expect, test } from 'vitest';
import { CHARTS, charts } from '../../../reports/charts/index.ts';
import { fixture } from '../fixtures.ts';
import { recordOf, summaryOf } from '../make-summaries.ts';

const FIXTURES = ['small', 'precision', 'repeats', 'sixty'] as const;

/** Every object in a specification, however deep. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

test.each(CHARTS.map((chart) => chart.id))('%s of the small run', async (id) => {
  const chart = charts(fixture('small')).find((one) => one.stem.endsWith(`/${id}`));
  await expect(`${JSON.stringify(chart?.spec, null, 2)}\n`).toMatchFileSnapshot(`../golden/small-${id}.txt`);
});

test.each([
  ['precision', 'throughput_by_seqlen_and_tp'],
  ['repeats', 'ttft_by_seqlen_and_tp'],
] as const)('%s: %s', async (name, id) => {
  const chart = charts(fixture(name)).find((one) => one.stem.endsWith(`/${id}`));
  await expect(`${JSON.stringify(chart?.spec, null, 2)}\n`).toMatchFileSnapshot(`../golden/${name}-${id}.txt`);
});

test.each(FIXTURES)('%s: vega-lite has nothing to warn of', (name) => {
  const warnings: unknown[] = [];
  const note = (...all: unknown[]) => {
    warnings.push(all);
    return logger;
  };
  const logger: LoggerOf = {
    level: () => logger,
    error: note,
    warn: note,
    info: () => logger,
    debug: () => logger,
  };
  for (const { spec } of charts(fixture(name))) compile(spec as unknown as TopLevelSpec, { logger });
  expect(warnings).toEqual([]);
});

test.each(FIXTURES)('%s: every y axis begins at zero and names its unit', (name) => {
  for (const { spec } of charts(fixture(name))) {
    const axes = [...objectsIn(spec)].flatMap((one) => (isYAxis(one['y']) ? [one['y']] : []));
    expect(axes.length).toBeGreaterThan(0);
    for (const { scale } of axes) expect(scale.domain[0]).toBe(0);
    expect(axes[0]?.axis.title).toMatch(/tokens \/ s|\(s\)|\(ms/);
  }
});

type LoggerOf = NonNullable<NonNullable<Parameters<typeof compile>[1]>['logger']>;

interface YAxis {
  readonly scale: { readonly domain: readonly number[] };
  readonly axis: { readonly title: string | null };
}

function isYAxis(value: unknown): value is YAxis {
  return typeof value === 'object' && value !== null && 'scale' in value && 'axis' in value;
}

test('the same summary gives the same charts', () => {
  expect(charts(fixture('precision'))).toEqual(charts(fixture('precision')));
});

test('the chart of TTFT says what it includes, that of TPOT which TPOT it is', () => {
  const subtitles = charts(fixture('repeats')).map(({ stem, spec }) => [
    stem.split('/')[1],
    String(spec['description']),
  ]);
  const of = Object.fromEntries(subtitles);
  expect(of['ttft_by_seqlen_and_tp']).toContain('Offline-burst');
  expect(of['ttft_by_seqlen_and_tp']).toContain('includes waiting in the queue');
  expect(of['tpot_by_seqlen_and_tp']).toContain('Time per output token after the first');
  expect(of['decode_speed_by_seqlen_and_tp']).toContain('p1, the slowest 1%');
  expect(of['throughput_by_seqlen_and_tp']).toContain('Generated tokens per second');
});

test('a bar is its queue and its prefill: the solid part ends at the prefill', () => {
  const [record] = fixture('repeats').records;
  const chart = charts(fixture('repeats')).find((one) => one.stem.endsWith('/ttft_by_seqlen_and_tp'));
  const bar = [...objectsIn(chart?.spec)].find(
    (one) => one['lengths'] === '128/32' && one['series'] === 'TP 1' && 'value' in one,
  );
  expect(bar?.['split']).toBe(record?.results['prefill_s_mean']?.value);
  expect(bar?.['value']).toBe(record?.results['ttft_s_mean']?.value);
});

test('every sample is a dot, and one sample is none', () => {
  const dots = (name: 'small' | 'repeats') =>
    [...objectsIn(charts(fixture(name))[0]?.spec)].filter((one) => typeof one['sample'] === 'number').length;
  // Three engine starts with two repeats each.
  expect(dots('repeats')).toBe(16 * 6);
  expect(dots('small')).toBe(0);
});

/** The numbers that a chart of these points writes, over or under its marks. */
function numbersOf(id: string, ...points: Parameters<typeof recordOf>[0][]): string[] {
  const chart = charts(summaryOf(points.map((point) => recordOf(point)))).find((one) => one.stem.endsWith(`/${id}`));
  const values = [...objectsIn(chart?.spec)].filter((one) => 'at' in one).map((one) => String(one['text']));
  return [...new Set(values)];
}

test('the line of p99 carries its number, beside that of the bar where there is room', () => {
  const { results } = recordOf({ lengths: [1024, 128] });
  expect(readableSeconds(results['ttft_s_mean']?.value)).toBe('22.8');
  expect(readableSeconds(results['ttft_s_p99']?.value)).toBe('42.7');
  expect(numbersOf('ttft_by_seqlen_and_tp', { lengths: [1024, 128] })).toEqual(['22.8', '42.7']);
  // p1 of the decode speed lies within the bar.
  expect(numbersOf('decode_speed_by_seqlen_and_tp', {})).toHaveLength(2);
});

function readableSeconds(value = Number.NaN): string {
  return value.toPrecision(3);
}

test('where both numbers do not fit, that of the line stays', () => {
  const tall = { lengths: [8192, 2048], num_prompts: 4000 } as const;
  const [, , ...more] = numbersOf('ttft_by_seqlen_and_tp', tall, { lengths: [16, 2], num_prompts: 400 });
  expect(more).toHaveLength(1);
});

/** A point whose TTFT is this, with the whisker's upper end. */
function withTtft([mean, p99, high]: readonly [mean: number, p99: number, high: number]) {
  const record = recordOf({ lengths: [128, 32] });
  const [of, tail] = [record.results['ttft_s_mean'], record.results['ttft_s_p99']];
  if (of === undefined || tail === undefined) throw new Error('no TTFT');
  const ci95 = { low: mean / 2, high, over: 'repeats' } as const;
  const results = { ...record.results, ttft_s_mean: { ...of, value: mean, ci95 }, ttft_s_p99: { ...tail, value: p99 } };
  return { ...record, results };
}

/** Where the TTFT chart of this point writes its numbers: hanging under `at`, or standing over it. */
function placesOf(point: readonly [number, number, number], id = 'ttft_by_seqlen_and_tp') {
  const chart = charts(summaryOf([withTtft(point)])).find(({ stem }) => stem.endsWith(`/${id}`));
  const layers = [...objectsIn(chart?.spec)].filter(
    ({ mark }) => typeof mark === 'object' && mark !== null && 'type' in mark && mark.type === 'text',
  );
  const places = layers.flatMap(({ data, mark }) =>
    [...objectsIn(data)].flatMap(({ at, text }) =>
      typeof at === 'number' ? [`${text} ${JSON.stringify(mark).includes('"top"') ? 'under' : 'over'} ${at}`] : [],
    ),
  );
  return [...new Set(places)];
}

/** Heights as in real runs; 320 px for some 0.47 s, so that a number of 10 px takes 0.02 s with the air about it. */
test.each([
  {
    name: 'a whisker that ends close above the line',
    point: [0.234, 0.371, 0.403],
    drawn: ['0.371 over', '0.234 over'],
  },
  { name: 'a whisker far above the line', point: [0.1, 0.25, 0.4], drawn: ['0.250 over', '0.100 over'] },
  { name: 'a whisker just under the line', point: [0.234, 0.371, 0.36], drawn: ['0.371 over', '0.234 over'] },
  { name: 'a whisker that ends at the bar', point: [0.234, 0.371, 0.24], drawn: ['0.371 over', '0.234 over'] },
  { name: 'a line close above the bar', point: [0.36, 0.371, 0.362], drawn: ['0.371 over', '0.360 under'] },
  { name: 'a line within the bar', point: [0.371, 0.234, 0.38], drawn: ['0.371 over', '0.234 under'] },
] as const)('no number stands on a mark that is not its own: $name', ({ point, drawn }) => {
  expect(placesOf(point).map((place) => place.replace(/ [\d.]+$/, ''))).toHaveLength(2);
  for (const one of drawn) expect(placesOf(point).join('\n')).toContain(one);
});

test('no outline of a number covers a sample', () => {
  const chart = charts(fixture('repeats')).find(({ stem }) => stem.endsWith('/ttft_by_seqlen_and_tp'));
  const marks = [...objectsIn(chart?.spec)].flatMap(({ mark }) =>
    typeof mark === 'object' ? [JSON.stringify(mark)] : [],
  );
  const dots = marks.findIndex((mark) => mark.includes('"circle"'));
  const outlines = marks.flatMap((mark, at) => (/"text".*"strokeWidth":3/.test(mark) ? [at] : []));
  expect(outlines.length).toBeGreaterThan(0);
  expect(Math.max(...outlines)).toBeLessThan(dots);
});

test('of bar and line the higher has the upper number, or the only one', () => {
  const seconds = fc.integer({ min: 10, max: 999 }).map((milliseconds) => milliseconds / 1000);
  fc.assert(
    fc.property(seconds, seconds, seconds, (mean, p99, more) => {
      fc.pre(mean !== p99);
      const places = placesOf([mean, p99, mean + more]).map((place) => {
        const [text, side, at] = place.split(' ');
        return { text: Number(text), height: Number(at) - (side === 'under' ? 1e-6 : 0) };
      });
      const [upper, lower] = places.toSorted((a, b) => b.height - a.height);
      expect(upper?.text).toBe(Math.max(mean, p99));
      expect(upper?.height).toBeGreaterThanOrEqual(Math.max(mean, p99));
      if (lower !== undefined) expect(lower.text).toBe(Math.min(mean, p99));
      if (lower !== undefined && p99 > mean) expect(lower.height).toBeLessThan(p99);
    }),
    { numRuns: 40 },
  );
});

test('notes are told by kind, with the range of their figures', () => {
  const wide = (percent: number) =>
    `output throughput is known to ±${percent} % only, from 3 repeats; 3 more repeats would about halve that`;
  const few = 'P99 of 64 requests is nearly their maximum, P1 nearly their minimum';
  const at = (tp: number, percent: number) => ({
    tp,
    notes: [
      { code: 'wide-interval', message: wide(percent) },
      { code: 'few-requests', message: few },
      { code: 'slower', message: 'this one is new, and has 3 figures' },
    ],
  });
  const [chart] = charts(summaryOf([recordOf(at(1, 8.1)), recordOf(at(2, 88)), recordOf({ tp: 4 })]));
  expect(chart?.spec['description']).toMatch(
    /\* 2 noted: wide-interval \(±8.1 % to ±88 %\), few-requests \(64\), slower$/,
  );
});

test('a noted point is marked in every chart, and its note is told', () => {
  const noted = { tp: 2, notes: [{ code: 'drift', message: 'throughput fell by 4 %' }] };
  for (const { id } of CHARTS) {
    expect(numbersOf(id, { tp: 1 }, noted).filter((text) => text.endsWith('*')).length, id).toBe(1);
  }
  for (const { spec } of charts(summaryOf([recordOf({ tp: 1 }), recordOf(noted)]))) {
    expect(spec['description']).toContain('* 1 noted: drift (4 %)');
  }
});

test('an interval is drawn from its lower to its upper end', () => {
  const [record] = fixture('repeats').records;
  const [throughput] = charts(fixture('repeats'));
  const interval = [...objectsIn(throughput?.spec)].find((one) => 'low' in one && one['series'] === 'TP 1');
  const { low, high } = record?.results['output_throughput_tps']?.ci95 ?? {};
  expect(interval).toMatchObject({ lengths: '128/32', low, high });
});

test('a chart says which checkpoint stood for a precision', () => {
  for (const { spec } of charts(fixture('precision'))) {
    expect(spec['description']).toContain('NVFP4 W4A4: checkpoint example-org/Synthetic-8B-Instruct-NVFP4');
  }
});

test('a model without a valid point gets no chart', () => {
  const stems = charts(summaryOf([recordOf({ model: 'a/ok' }), recordOf({ model: 'b/broken', state: 'failed' })])).map(
    (chart) => chart.stem.split('/')[0],
  );
  expect(new Set(stems)).toEqual(new Set(['a_ok']));
});

test('what does not fit into one drawing is continued in the next', () => {
  const records = Array.from({ length: 700 }, (_, index) => recordOf({ lengths: [index + 1, 8], tp: 1 + (index % 2) }));
  const stems = charts(summaryOf(records)).map((chart) => chart.stem.split('/')[1]);
  expect(stems.slice(0, 3)).toEqual([
    'throughput_by_seqlen_and_tp',
    'throughput_by_seqlen_and_tp_2',
    'throughput_by_seqlen_and_tp_3',
  ]);
});
