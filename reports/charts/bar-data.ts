import { readable } from '../numbers.ts';
import type { Bar, GroupedBars } from './bar-chart.ts';
import type { ChartRows, PlacedRow } from './rows.ts';

/** The bars of the rows, and whether all of them can be split into parts. */
export function barsOf(rows: ChartRows, chart: GroupedBars): { bars: Bar[]; hasParts: boolean } {
  const solid = chart.parts?.solid;
  const hasParts = solid !== undefined && rows.placed.every(({ row }) => typeof row.results[solid] === 'number');
  const bars = rows.placed.map((placed) => barOf(placed, chart, hasParts ? solid : chart.whole));
  return { bars, hasParts };
}

function barOf({ row, panel, lengths, series }: PlacedRow, chart: GroupedBars, solid: string): Bar {
  const scaled = (key: string): number => (row.results[key] ?? 0) * chart.factor;
  const value = scaled(chart.whole);
  const hasTail = chart.tail !== null && typeof row.results[chart.tail] === 'number';
  const tail = hasTail ? scaled(chart.tail) : null;
  const measured = row.samples[chart.whole] ?? [];
  const samples = measured.length > 1 ? measured.map((one) => one * chart.factor) : [];
  const top = Math.max(value, tail ?? value, ...samples);
  return { panel, lengths, series, value, split: scaled(solid), tail, samples, top, label: readable(value) };
}
