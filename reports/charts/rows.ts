import { type Axis, settingsOrder, varyingAxes } from '../axes.ts';
import { byLengths, lengthsLabel } from '../lengths.ts';
import type { ReportRow } from '../report-row.ts';
import { STATE_WORDS } from '../state-words.ts';
import { MAX_SERIES } from './theme.ts';

/** Where a point stands in a chart of lengths and parallel sizes. */
export interface PlacedRow {
  readonly row: ReportRow;
  /** Group on the x axis: `1024/128`. */
  readonly lengths: string;
  /** Colour: `TP 4`. */
  readonly series: string;
  /** Panel: every other setting that varies; empty when none does. */
  readonly panel: string;
}

/** The rows of one model that a chart draws, and in which order their groups stand. */
export interface ChartRows {
  readonly placed: readonly PlacedRow[];
  /** Points that are not drawn, with the word for it: `failed`. */
  readonly absent: readonly (PlacedRow & { readonly word: string })[];
  readonly lengths: readonly string[];
  readonly series: readonly string[];
  readonly panels: readonly string[];
  /** `2 of 12 points not shown: 1 failed, 1 invalid`; null when all are. */
  readonly notShown: string | null;
}

/** Places the rows that are valid and have the metric; two of them never stand at the same place. */
export function chartRows(rows: readonly ReportRow[], metric: string, metricName: string): ChartRows {
  const drawn = rows.filter((row) => row.state === 'valid' && typeof row.results[metric] === 'number');
  // Over all rows: what was not drawn must not stand at the place of what was.
  const axes = varyingAxes(rows);
  const { series, panel } = seriesAndPanel(drawn, axes);
  const place = (row: ReportRow): PlacedRow => ({
    row,
    lengths: lengthsLabel(row),
    series: series(row),
    panel: panel(row),
  });
  const byAxes = settingsOrder(drawn, axes);
  const bySize = (a: ReportRow, b: ReportRow): number =>
    a.tensor_parallel_size - b.tensor_parallel_size || byAxes(a, b);
  const placed = drawn.toSorted((a, b) => byLengths(a, b) || bySize(a, b)).map(place);
  const isDrawn = new Set(drawn);
  const absent = rows
    .filter((row) => !isDrawn.has(row))
    .map((row) => ({ ...place(row), word: row.state === 'valid' ? `without ${metricName}` : STATE_WORDS[row.state] }));
  return {
    placed,
    absent,
    lengths: distinct(placed.map((one) => one.lengths)),
    series: distinct(drawn.toSorted(bySize).map(series)),
    panels: distinct(drawn.toSorted(byAxes).map(panel)),
    notShown: notShown(
      absent.map((one) => one.word),
      rows.length,
    ),
  };
}

/** TP is the colour, PP with it while the colours last; every other axis makes panels. */
function seriesAndPanel(rows: readonly ReportRow[], axes: readonly Axis[]) {
  const tp = (row: ReportRow): string => `TP ${row.tensor_parallel_size}`;
  const pipeline = axes.find((axis) => axis.label === 'PP');
  const both = (row: ReportRow): string => (pipeline === undefined ? tp(row) : `${tp(row)} PP ${pipeline.text(row)}`);
  const fits = (one: (row: ReportRow) => string): boolean => distinct(rows.map(one)).length <= MAX_SERIES;

  if (fits(both)) return { series: both, panel: panelOf(axes.filter((axis) => axis !== pipeline)) };
  if (fits(tp)) return { series: tp, panel: panelOf(axes) };
  const others = panelOf(axes);
  return {
    series: () => 'all sizes',
    panel: (row: ReportRow) => [tp(row), others(row)].filter((text) => text !== '').join(' · '),
  };
}

/** `fp8 · max_num_seqs 64`: precision speaks for itself, other values need their name. */
function panelOf(axes: readonly Axis[]): (row: ReportRow) => string {
  return (row) =>
    axes.map((axis) => (axis.label === 'precision' ? axis.text(row) : `${axis.label} ${axis.text(row)}`)).join(' · ');
}

function notShown(words: readonly string[], total: number): string | null {
  if (words.length === 0) return null;
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, all]) => `${all.length} ${word}`);
  return `${words.length} of ${total} points not shown: ${counts.join(', ')}`;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
