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
  const spread = row.spread[chart.whole];
  const measured = spread?.values ?? [];
  const samples = measured.length > 1 ? measured.map((one) => one * chart.factor) : [];
  const interval = spread?.ci95 ? { low: spread.ci95.low * chart.factor, high: spread.ci95.high * chart.factor } : null;
  return {
    ...{ panel, lengths, series, value, tail, samples, interval },
    split: scaled(solid),
    top: Math.max(value, tail ?? value, interval?.high ?? value, ...samples),
    crest: Math.max(value, interval?.high ?? value, ...samples),
    label: readable(value) + (row.notes.length > 0 ? NOTED : ''),
    tailLabel: tail === null ? null : readable(tail),
  };
}

/** Behind the number of a point that has notes. */
export const NOTED = '*';
