import type { TopLevelSpec } from 'vega-lite';
import type { Bar } from './bar-chart.ts';
import type { Layout } from './layout.ts';
import type { PlacedRow } from './rows.ts';
import { numbersFit } from './text.ts';
import { FONT_SIZE, INK } from './theme.ts';

export type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];

/** What one panel shows. */
export interface PanelContent {
  readonly bars: readonly Bar[];
  /** A word in the place of a bar that is not there. */
  readonly absent: readonly (PlacedRow & { readonly word: string })[];
  readonly layout: Layout;
  /** Numbers above the bars: none where a tail stands above them, which they would seem to belong to. */
  readonly labels: 'level' | 'turned' | 'none';
  readonly colors: { readonly domain: string[]; readonly range: string[] };
  /** None for a single series, which the subtitle names. */
  readonly legend: { readonly title: null } | null;
}

/** Numbers over bars lie level where they fit and stand upright where not. */
export function labelsOf(bars: readonly Bar[], layout: Layout): PanelContent['labels'] {
  if (bars.some((bar) => bar.tail !== null && bar.tail > bar.value)) return 'none';
  return numbersFit(
    bars.map((bar) => bar.label),
    layout.barWidth,
    FONT_SIZE.label,
  )
    ? 'level'
    : 'turned';
}

/** The marks of one panel, lowest first: bars, their tails, samples, numbers. */
export function barLayers(content: PanelContent): Layer[] {
  return [
    solidBars(content),
    ...paleParts(content),
    ...tails(content),
    ...samples(content),
    ...numbers(content),
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

function numbers({ bars, labels }: PanelContent): Layer[] {
  if (labels === 'none') return [];
  const values = bars.map(({ lengths, series, top, label }) => ({ lengths, series, top, text: label }));
  return texts(values, { field: 'top', type: 'quantitative' }, labels === 'level' ? LEVEL : TURNED, INK.text);
}

function words({ absent }: PanelContent): Layer[] {
  const values = absent.map(({ lengths, series, word }) => ({ lengths, series, text: word }));
  return values.length === 0 ? [] : texts(values, { datum: 0 }, TURNED, INK.quiet);
}

/** Text over its own white outline, so that lines behind it do not cross it; resvg and Vega know no paint order. */
function texts(values: object[], y: TextPosition, place: typeof LEVEL | typeof TURNED, color: string): Layer[] {
  const mark = { type: 'text', fontSize: FONT_SIZE.label, ...place } as const;
  const encoding = { y, text: { field: 'text', type: 'nominal' } } as const;
  return [
    { data: { values }, mark: { ...mark, color: INK.paper, stroke: INK.paper, strokeWidth: 3 }, encoding },
    { data: { values }, mark: { ...mark, color }, encoding },
  ];
}

type TextPosition = { readonly field: string; readonly type: 'quantitative' } | { readonly datum: number };

const LEVEL = { baseline: 'bottom', dy: -4 } as const;
const TURNED = { angle: 270, align: 'left', baseline: 'middle', dx: 5 } as const;
