import type { TopLevelSpec } from 'vega-lite';
import type { VegaLiteSpec } from '../../src/schema/rendered.ts';
import { notesInShort } from '../chart-notes.ts';
import { conditions } from '../conditions.ts';
import { precisionNotes } from '../precision-notes.ts';
import type { ReportRow } from '../report-row.ts';
import { intervalsOver } from '../table-notes.ts';
import type { Bar, Drawing, GroupedBars } from './bar-chart.ts';
import { barsOf, NOTED } from './bar-data.ts';
import { barPanel } from './bar-panel.ts';
import type { ChartKind } from './chart-kind.ts';
import { type Layout, layOut, PANEL_SPACING } from './layout.ts';
import { type ChartRows, chartRows } from './rows.ts';
import { wrapped } from './text.ts';
import { FONT_SIZE, THEME } from './theme.ts';

/** The chart that such a description makes. */
export function groupedBars(chart: GroupedBars): ChartKind {
  return {
    id: chart.id,
    draw: (model, allRows) => {
      const rows = chartRows(allRows, chart.whole, chart.metricName);
      if (rows.placed.length === 0) return [];
      const { bars, hasParts } = barsOf(rows, chart);
      const explanation = hasParts ? `${chart.explanation} ${chart.parts?.explanation}` : chart.explanation;
      const pages = layOut(rows.lengths, rows.series.length, rows.panels);
      return pages.map((layout, page) => {
        const name = pages.length === 1 ? model : `${model} (${page + 1} of ${pages.length})`;
        const title = titleOf(`${chart.title}: ${name}`, [explanation, notes(chart, rows, bars, layout)], rows, layout);
        return { spec: specOf({ chart, rows, bars, layout, title }) };
      });
    },
  };
}

function notes({ whole }: GroupedBars, rows: ChartRows, bars: readonly Bar[], layout: Layout): string {
  const drawn = rows.placed.map(({ row }) => row);
  const modes = new Set(drawn.filter((row) => row.prefix_len > 0).map((row) => row.prefix_mode));
  const ownScales = layout.cells.some(({ lengths }) => lengths[0] !== rows.lengths[0]);
  return [
    bars.some((bar) => bar.tail !== null) ? WHOSE_NUMBER : null,
    bars.some((bar) => bar.samples.length > 1) ? 'Dots: samples.' : null,
    bars.some((bar) => bar.interval !== null) ? `Whiskers: 95% CI ${intervalsOver(drawn, whole)}.` : null,
    modes.has('inclusive') ? 'The shared prefix is part of the input.' : null,
    modes.has('additive') ? 'A prefix written with + comes on top of the input.' : null,
    ownScales ? 'Rows of other lengths have their own scale.' : null,
  ]
    .filter(isText)
    .join(' ');
}

/** Holds wherever numbers stand: over their mark, hanging from it, or left out for want of room. */
const WHOSE_NUMBER = 'Upper or only number: the higher of bar and line.';

function titleOf(text: string, explanations: readonly string[], rows: ChartRows, layout: Layout) {
  const widthPx = Math.max(560, layout.columns * (layout.panelWidth + PANEL_SPACING) + 40);
  const drawn = rows.placed.map((placed) => placed.row);
  const constants = [...(rows.series.length === 1 ? rows.series : []), ...conditions(drawn)].join(' · ');
  return {
    text: wrapped(text, ' ', widthPx, FONT_SIZE.title),
    subtitle: [...explanations, constants, ...precisionNotes(drawn), ...noted(drawn), rows.notShown]
      .filter(isText)
      .flatMap((line) => wrapped(line, ' ', widthPx, FONT_SIZE.subtitle)),
  };
}

/** What the mark behind a number says; the whole messages are in the report. */
function noted(rows: readonly ReportRow[]): string[] {
  const withNotes = rows.filter((row) => row.notes.length > 0);
  return withNotes.length === 0 ? [] : [`${NOTED} ${withNotes.length} noted: ${notesInShort(withNotes)}`];
}

function isText(text: string | null): text is string {
  return text !== null && text !== '';
}

function specOf(drawing: Drawing): VegaLiteSpec {
  const { layout, title } = drawing;
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: [...title.text, ...title.subtitle].join(' '),
    title,
    config: THEME,
    columns: layout.columns,
    spacing: PANEL_SPACING,
    resolve: { scale: { color: 'shared' } },
    concat: layout.cells.map((_, index) => barPanel(drawing, index)),
  };
  return { ...spec };
}
