import type { Bar } from './bar-chart.ts';
import { type LabelPlace, type Layer, numberLayers, texts } from './bar-numbers.ts';
import type { Layout } from './layout.ts';
import type { PlacedRow } from './rows.ts';
import { INK } from './theme.ts';

/** What one panel shows. */
export interface PanelContent {
  readonly bars: readonly Bar[];
  /** A word in the place of a bar that is not there. */
  readonly absent: readonly (PlacedRow & { readonly word: string })[];
  readonly layout: Layout;
  /** How numbers stand. */
  readonly labels: LabelPlace;
  /** The top of the y axis before it is rounded up. */
  readonly highest: number;
  readonly colors: { readonly domain: string[]; readonly range: string[] };
  /** None for a single series, which the subtitle names. */
  readonly legend: { readonly title: null } | null;
}

/** The marks of one panel, lowest first: bars, their tails, intervals and samples, numbers. */
export function barLayers(content: PanelContent): Layer[] {
  const numbers = numberLayers(content);
  return [
    solidBars(content),
    ...paleParts(content),
    ...tails(content),
    ...intervals(content),
    ...numbers.outlines,
    ...samples(content),
    ...numbers.inks,
    ...words(content),
  ];
}

const SERIES = { field: 'series', type: 'nominal' } as const;

function solidBars({ bars, layout }: PanelContent): Layer {
  return {
    data: { values: bars.map(({ lengths, series, split }) => ({ lengths, series, split })) },
    mark: { type: 'bar', width: layout.barWidth - 2 },
    encoding: { y: { field: 'split', type: 'quantitative', stack: null }, color: { ...SERIES } },
  };
}

/** On white, or the grid would shine through. */
function paleParts({ bars, layout, colors, legend }: PanelContent): Layer[] {
  const values = bars
    .filter((bar) => bar.split < bar.value)
    .map(({ lengths, series, split, value }) => ({ lengths, series, split, value }));
  if (values.length === 0) return [];
  const y = { field: 'split', type: 'quantitative', stack: null } as const;
  const y2 = { field: 'value' };
  return [
    {
      data: { values },
      mark: { type: 'bar', width: layout.barWidth - 3 },
      encoding: { y, y2, color: { value: INK.paper } },
    },
    {
      data: { values },
      mark: { type: 'bar', width: layout.barWidth - 3, fillOpacity: 0.25, strokeWidth: 1 },
      encoding: { y, y2, color: { ...SERIES }, stroke: { ...SERIES, scale: colors, legend } },
    },
  ];
}

/** A dark line with white edges, to be seen on a dark bar and on paper. */
function tails({ bars, layout }: PanelContent): Layer[] {
  const values = bars.flatMap(({ lengths, series, tail }) => (tail === null ? [] : [{ lengths, series, tail }]));
  if (values.length === 0) return [];
  const line = { type: 'tick', orient: 'horizontal', size: layout.barWidth - 2, opacity: 1 } as const;
  const encoding = { y: { field: 'tail', type: 'quantitative' } } as const;
  return [
    { data: { values }, mark: { ...line, thickness: 4, color: INK.paper }, encoding },
    { data: { values }, mark: { ...line, thickness: 2, color: INK.mark }, encoding },
  ];
}

/** A line with caps, white-edged like the tail. */
function intervals({ bars, layout }: PanelContent): Layer[] {
  const values = bars.flatMap(({ lengths, series, interval }) =>
    interval === null ? [] : [{ lengths, series, low: interval.low, high: interval.high }],
  );
  if (values.length === 0) return [];
  const low = { field: 'low', type: 'quantitative' } as const;
  const high = { field: 'high', type: 'quantitative' } as const;
  const stroke = (color: string, width: number): Layer[] => {
    const rule = { type: 'rule', strokeWidth: width, color } as const;
    const cap = { type: 'tick', orient: 'horizontal', size: layout.barWidth * 0.4, thickness: width, color } as const;
    return [
      { data: { values }, mark: rule, encoding: { y: low, y2: { field: 'high' } } },
      ...[low, high].map((y): Layer => ({ data: { values }, mark: { ...cap, opacity: 1 }, encoding: { y } })),
    ];
  };
  return [...stroke(INK.paper, 3.5), ...stroke(INK.mark, 1.5)];
}

function samples({ bars }: PanelContent): Layer[] {
  const values = bars.flatMap((bar) =>
    bar.samples.map((sample) => ({ lengths: bar.lengths, series: bar.series, sample })),
  );
  if (values.length === 0) return [];
  return [
    {
      data: { values },
      mark: { type: 'circle', size: 16, opacity: 1, fill: INK.paper, stroke: INK.mark, strokeWidth: 1 },
      encoding: { y: { field: 'sample', type: 'quantitative' } },
    },
  ];
}

function words({ absent }: PanelContent): Layer[] {
  const values = absent.map(({ lengths, series, word }) => ({ lengths, series, text: word }));
  return values.length === 0 ? [] : texts(values, { datum: 0 }, WORD, INK.quiet);
}

const WORD = { angle: 270, align: 'left', baseline: 'middle', dx: 5 } as const;
