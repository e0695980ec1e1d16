import type { TopLevelSpec } from 'vega-lite';
import type { Bar, Drawing } from './bar-chart.ts';
import { barLayers, type PanelContent } from './bar-layers.ts';
import { labelPlace, roomFor } from './bar-numbers.ts';
import type { Cell, Layout } from './layout.ts';
import { numbersFit, wrapped } from './text.ts';
import { FONT_SIZE, orderedColors } from './theme.ts';

type Panel = Extract<TopLevelSpec, { concat: unknown }>['concat'][number];

/** One panel of a drawing. */
export function barPanel({ chart, rows, bars, layout }: Drawing, index: number): Panel {
  const cell = layout.cells[index] ?? { panel: '', lengths: [] };
  const inCell = (one: { panel: string; lengths: string }): boolean =>
    one.panel === cell.panel && cell.lengths.includes(one.lengths);
  const hasPrefix = rows.placed.some(({ row }) => row.prefix_len > 0);
  const content: PanelContent = {
    bars: bars.filter(inCell),
    absent: rows.absent.filter((one) => inCell(one) && rows.series.includes(one.series)),
    layout,
    labels: labelPlace(bars, layout),
    // Panels that show the same lengths have the same scale, so that they can be compared.
    highest: highest(
      bars.filter((bar) => cell.lengths.includes(bar.lengths)),
      layout,
      roomFor(bars, labelPlace(bars, layout)),
    ),
    colors: { domain: [...rows.series], range: [...orderedColors(rows.series.length)] },
    legend: rows.series.length === 1 ? null : { title: null },
  };
  return {
    width: layout.panelWidth,
    height: layout.panelHeight,
    ...(cell.panel === '' ? {} : { title: panelTitle(cell.panel, layout) }),
    encoding: {
      x: {
        field: 'lengths',
        type: 'nominal',
        scale: { domain: [...cell.lengths], ...padding(cell, layout) },
        axis: {
          title: hasPrefix ? 'Input / output / shared prefix (tokens)' : 'Input / output (tokens)',
          labelAngle: numbersFit(cell.lengths, layout.groupStep - 4, FONT_SIZE.axis) ? 0 : -40,
          labelOverlap: false,
          labelLimit: 200,
          ticks: false,
        },
      },
      xOffset: { field: 'series', type: 'nominal', scale: { domain: [...rows.series] } },
      y: {
        type: 'quantitative',
        scale: { domain: [0, content.highest], nice: true },
        axis: {
          title: index % layout.columns === 0 ? chart.yTitle : null,
          ticks: false,
          domain: false,
          tickCount: Math.round(layout.panelHeight / 55),
        },
      },
      color: { scale: content.colors, legend: content.legend },
    },
    layer: barLayers(content),
  };
}

function panelTitle(text: string, layout: Layout) {
  return {
    text: wrapped(text, ' · ', layout.panelWidth, FONT_SIZE.panel),
    anchor: 'middle',
    fontSize: FONT_SIZE.panel,
    offset: 8,
  } as const;
}

/** Groups keep their distance, and stand in the middle of a panel that is wider than they need. */
function padding(cell: Cell, layout: Layout) {
  const air = (layout.panelWidth - cell.lengths.length * layout.groupStep) / 2;
  return {
    paddingInner: layout.groupGap / layout.groupStep,
    paddingOuter: (air + layout.groupGap / 2) / layout.groupStep,
  };
}

/** The top of the y axis: what is drawn, and room in px for the numbers above it. */
function highest(bars: readonly Bar[], { panelHeight }: Layout, room: number): number {
  return Math.max(...bars.map((bar) => bar.top)) / (1 - room / panelHeight);
}
