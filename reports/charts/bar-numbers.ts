import type { TopLevelSpec } from 'vega-lite';
import type { Bar } from './bar-chart.ts';
import { NOTED } from './bar-data.ts';
import type { Layout } from './layout.ts';
import { numbersFit } from './text.ts';
import { FONT_SIZE, INK } from './theme.ts';

export type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];

/** Numbers lie level where all of them fit over a bar, and stand upright where not. */
export type LabelPlace = 'level' | 'turned';

export function labelPlace(bars: readonly Bar[], { barWidth }: Layout): LabelPlace {
  const labels = bars.flatMap(({ label, tailLabel }) => [label, tailLabel ?? '']);
  return numbersFit(labels, barWidth, FONT_SIZE.label) ? 'level' : 'turned';
}

/** From a mark to its number, beside the dots and caps that stick out of it, in px. */
const AIR = { bare: 4, beyondMarks: 8 };

/** How much a number takes above what it belongs to, in px. */
export function roomFor(bars: readonly Bar[], place: LabelPlace, air = airOf(bars)): number {
  const longest = Math.max(...bars.flatMap(({ label, tailLabel }) => [label.length, (tailLabel ?? '').length + 1]));
  return air + 4 + (place === 'level' ? FONT_SIZE.label : longest * FONT_SIZE.label * 0.57);
}

interface Panel {
  readonly bars: readonly Bar[];
  readonly labels: LabelPlace;
  readonly layout: Layout;
  readonly highest: number;
}

/** The number of each bar and of its tail; white outlines apart, which may hide a whisker and never a sample's dot. */
export function numberLayers(panel: Panel): { readonly outlines: Layer[]; readonly inks: Layer[] } {
  const layers = pairs(panel);
  return { outlines: layers.filter((_, index) => index % 2 === 0), inks: layers.filter((_, index) => index % 2 === 1) };
}

function pairs(panel: Panel): Layer[] {
  const numbers = panel.bars.flatMap((bar) =>
    shown(bar, panel).map((number) => ({ ...number, ...{ lengths: bar.lengths, series: bar.series } })),
  );
  const air = airOf(panel.bars);
  return SPOTS.flatMap((spot) => {
    const values = numbers
      .filter((number) => number.spot === spot)
      .map(({ lengths, series, at, text }) => ({ lengths, series, at, text }));
    const y = { field: 'at', type: 'quantitative' } as const;
    return values.length === 0 ? [] : texts(values, y, placeOf(spot, panel.labels, air), INK.text);
  });
}

/** Over dots and caps, right on its mark, or right under it; `beside`: left of the whisker that goes through there. */
const SPOTS = ['clear', 'on', 'on-beside', 'under', 'under-beside'] as const;
type Spot = (typeof SPOTS)[number];

interface BarNumber {
  readonly at: number;
  readonly text: string;
  readonly spot: Spot;
}

/**
 * The numbers of one bar, each on its own mark and none on the other's: of a tail that is higher than the bar, the number
 * stands above the tail, and nothing else does. That of the bar stands between the two, or hangs from the bar's top, or,
 * where there is no room for it either way, is left out; the mark of a noted point never is.
 */
function shown(bar: Bar, { bars, labels, layout, highest }: Panel): BarNumber[] {
  // The axis is rounded up, so that a value has fewer px than this says.
  const px = (height: number): number => (0.85 * height * layout.panelHeight) / highest;
  const { value, tail, tailLabel, crest, label } = bar;
  const above = { at: crest, text: label, spot: 'clear' } as const;
  if (tail === null || tailLabel === null) return [above];
  const [room, bare] = [roomFor(bars, labels), roomFor(bars, labels, AIR.bare)];
  // Bars of one series have the gap between them to themselves.
  const half = layout.barWidth / 2 - BESIDE + (layout.groupStep < 2 * layout.barWidth ? layout.groupGap / 2 : 0);
  const beside = (text: string): '-beside' | '' =>
    labels === 'level' && crest > value && numbersFit([text], half, FONT_SIZE.label) ? '-beside' : '';
  const hangs = (height: number): boolean => labels === 'level' && px(height) > room;
  if (tail <= value) return hangs(tail) ? [above, { at: tail, text: tailLabel, spot: 'under' }] : [above];

  // Close under the end of a whisker it would lie on the cap.
  const onTail = crest <= tail || px(crest - tail) > roomFor(bars, labels, 0);
  const ofTail = (text: string): BarNumber => {
    if (!onTail) return { at: crest, text, spot: 'clear' };
    return { at: tail, text, spot: crest > tail ? `on${beside(text)}` : 'on' };
  };
  if (px(tail - crest) > room) return [above, ofTail(tailLabel)];
  if (px(tail - value) > bare) return [{ at: value, text: label, spot: `on${beside(label)}` }, ofTail(tailLabel)];
  if (hangs(value)) return [{ at: value, text: label, spot: `under${beside(label)}` }, ofTail(tailLabel)];
  return [ofTail(label.endsWith(NOTED) ? tailLabel + NOTED : tailLabel)];
}

function airOf(bars: readonly Bar[]): number {
  return bars.some((bar) => bar.samples.length > 0 || bar.interval !== null) ? AIR.beyondMarks : AIR.bare;
}

/** Text over its own white outline, so that lines behind it do not cross it; resvg and Vega know no paint order. */
export function texts(values: object[], y: TextPosition, place: TextPlace, color: string): Layer[] {
  const mark = { type: 'text', fontSize: FONT_SIZE.label, ...place } as const;
  const encoding = { y, text: { field: 'text', type: 'nominal' } } as const;
  return [
    { data: { values }, mark: { ...mark, color: INK.paper, stroke: INK.paper, strokeWidth: 3 }, encoding },
    { data: { values }, mark: { ...mark, color }, encoding },
  ];
}

type TextPosition = { readonly field: string; readonly type: 'quantitative' } | { readonly datum: number };
type TextPlace = {
  readonly baseline: 'top' | 'middle' | 'bottom';
  readonly align?: 'left' | 'right';
  readonly angle?: number;
  readonly dx?: number;
  readonly dy?: number;
};

function placeOf(spot: Spot, labels: LabelPlace, air: number): TextPlace {
  const gap = spot === 'clear' ? air : AIR.bare;
  if (labels === 'turned') return { angle: 270, align: 'left', baseline: 'middle', dx: gap + 1 };
  const side = spot.endsWith('-beside') ? ({ align: 'right', dx: -BESIDE } as const) : {};
  return spot.startsWith('under') ? { baseline: 'top', dy: 5, ...side } : { baseline: 'bottom', dy: -gap, ...side };
}

/** From a whisker to the number on its left, in px. */
const BESIDE = 4;
