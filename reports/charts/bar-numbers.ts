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
export function roomFor(bars: readonly Bar[], place: LabelPlace): number {
  const longest = Math.max(...bars.flatMap(({ label, tailLabel }) => [label.length, (tailLabel ?? '').length + 1]));
  return airOf(bars) + 4 + (place === 'level' ? FONT_SIZE.label : longest * FONT_SIZE.label * 0.57);
}

interface Panel {
  readonly bars: readonly Bar[];
  readonly labels: LabelPlace;
  readonly layout: Layout;
  readonly highest: number;
}

/** The number of each bar and of its tail. */
export function numberLayers(panel: Panel): Layer[] {
  const { bars, labels } = panel;
  const placed = bars.map((bar) => ({ bar, ...shown(bar, panel) }));
  const air = airOf(bars);
  return [
    ...layerOf(
      placed.flatMap(({ bar, value }) => (value === null ? [] : [numberAt(bar, bar.crest, value)])),
      above(labels, air),
    ),
    ...layerOf(
      placed.flatMap(({ bar, over }) => (over === null ? [] : [numberAt(bar, bar.top, over)])),
      above(labels, AIR.bare),
    ),
    ...layerOf(
      placed.flatMap(({ bar, under }) => (under === null ? [] : [numberAt(bar, bar.tail ?? 0, under)])),
      UNDER,
    ),
  ];
}

/**
 * The texts of one bar: the value above it; the tail's above the tail, or under a tail that lies within a wide bar. Of
 * two that would run into each other the one above the tail stays; the mark of a noted point always does.
 */
function shown(bar: Bar, { bars, labels, layout, highest }: Panel) {
  const room = roomFor(bars, labels);
  // The axis is rounded up, so that a value has fewer px than this says.
  const px = (value: number): number => (0.85 * value * layout.panelHeight) / highest;
  const { tail, tailLabel } = bar;
  if (tail === null || tailLabel === null) return { value: bar.label, over: null, under: null };
  if (tail <= bar.crest)
    return { value: bar.label, over: null, under: labels === 'level' && px(tail) > room ? tailLabel : null };
  if (px(tail - bar.crest) > room) return { value: bar.label, over: tailLabel, under: null };
  return { value: null, over: bar.label.endsWith(NOTED) ? tailLabel + NOTED : tailLabel, under: null };
}

function airOf(bars: readonly Bar[]): number {
  return bars.some((bar) => bar.samples.length > 0 || bar.interval !== null) ? AIR.beyondMarks : AIR.bare;
}

function numberAt({ lengths, series }: Bar, at: number, text: string): { readonly at: number; readonly text: string } {
  return { ...{ lengths, series }, at, text };
}

function layerOf(values: readonly object[], place: TextPlace): Layer[] {
  return values.length === 0 ? [] : texts([...values], { field: 'at', type: 'quantitative' }, place, INK.text);
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

function above(labels: LabelPlace, air: number): TextPlace {
  return labels === 'level'
    ? { baseline: 'bottom', dy: -air }
    : { angle: 270, align: 'left', baseline: 'middle', dx: air + 1 };
}

const UNDER: TextPlace = { baseline: 'top', dy: 5 };
