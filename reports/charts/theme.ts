import type { Config } from 'vega-lite';

/** The one place for colour and font of every chart. */

/**
 * Colours of a series that has an order (1, 2, 4, 8 devices): viridis without its palest end, so that the order is
 * also seen by colour-blind readers and in a grey print. The row for n series holds the n that are furthest apart.
 */
const ORDERED: readonly (readonly string[])[] = [
  [],
  ['#2c728e'],
  ['#74c364', '#3b528b'],
  ['#8bc34a', '#21908d', '#3b3f7d'],
  ['#9bc53d', '#2fa783', '#33638d', '#44276b'],
  ['#a6cc35', '#4dbd6c', '#21908d', '#365c8d', '#46276e'],
  ['#a6cc35', '#5cc25f', '#22a284', '#287c8e', '#3b528b', '#461d66'],
  ['#a6cc35', '#66c55a', '#29ab81', '#23898e', '#31688e', '#414287', '#461b62'],
  ['#a6cc35', '#6ec756', '#31b57b', '#1f9a8a', '#277e8e', '#34618d', '#424086', '#461a60'],
];

/** More series than this are not told apart at a glance; the rest of an axis becomes panels. */
export const MAX_SERIES = 8;

/** Colours for `count` series in their order; 1 to MAX_SERIES. */
export function orderedColors(count: number): readonly string[] {
  return ORDERED[count] ?? ORDERED[MAX_SERIES] ?? [];
}

/** Ink for what is no series: text, axes, and marks that stand for a tail. */
export const INK = { text: '#1b1f24', quiet: '#57606a', rule: '#d0d7de', mark: '#1b1f24', paper: '#ffffff' } as const;

export const FONT = 'Roboto';

/** Font sizes in px; panels are sized from them. */
export const FONT_SIZE = { title: 17, subtitle: 12, panel: 13, axis: 11, axisTitle: 12, label: 10 } as const;

/** How every chart looks, whatever it shows. */
export const THEME: Config = {
  background: INK.paper,
  font: FONT,
  padding: 16,
  title: {
    anchor: 'start',
    color: INK.text,
    fontSize: FONT_SIZE.title,
    fontWeight: 'bold',
    subtitleColor: INK.quiet,
    subtitleFontSize: FONT_SIZE.subtitle,
    subtitleLineHeight: 17,
    subtitlePadding: 6,
    offset: 16,
  },
  view: { stroke: null },
  axis: {
    labelColor: INK.text,
    labelFontSize: FONT_SIZE.axis,
    titleColor: INK.text,
    titleFontSize: FONT_SIZE.axisTitle,
    titleFontWeight: 'bold',
    titlePadding: 10,
    gridColor: INK.rule,
    domainColor: INK.quiet,
    tickColor: INK.quiet,
  },
  legend: {
    orient: 'top',
    direction: 'horizontal',
    symbolType: 'square',
    symbolSize: 140,
    labelColor: INK.text,
    labelFontSize: FONT_SIZE.axisTitle,
    titleColor: INK.text,
    titleFontSize: FONT_SIZE.axisTitle,
    titleFontWeight: 'bold',
    titleOrient: 'left',
    columnPadding: 18,
    offset: 12,
  },
};
