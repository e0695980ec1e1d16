import type { ResultKey } from '../entry-shape.ts';
import type { Layout } from './layout.ts';
import type { ChartRows } from './rows.ts';

/** What is particular to one chart of bars from zero, grouped by lengths, a colour for each parallel size. */
export interface GroupedBars {
  readonly id: string;
  readonly title: string;
  /** What a point lacks that is not shown for want of it. */
  readonly metricName: string;
  readonly explanation: string;
  readonly yTitle: string;
  /** From the unit of the result to that of the axis. */
  readonly factor: 1 | 1000;
  /** The bar's height. */
  readonly whole: ResultKey;
  /** The part of the whole that is drawn solid, the rest being pale; null when it has no parts. */
  readonly parts: { readonly solid: ResultKey; readonly explanation: string } | null;
  /** Drawn as a line across the bar, with its number. */
  readonly tail: ResultKey | null;
}

/** One bar in the axis' unit. */
export interface Bar {
  readonly panel: string;
  readonly lengths: string;
  readonly series: string;
  readonly value: number;
  /** Where the solid part ends and the pale one begins; the bar's top when it has one part. */
  readonly split: number;
  readonly tail: number | null;
  /** The samples that the bar is made from; empty when there is one. */
  readonly samples: readonly number[];
  /** 95% confidence interval of the value; null when it is not known. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** The highest of bar, samples and interval, and of all that is drawn at this place. */
  readonly crest: number;
  readonly top: number;
  /** The value, with a mark for a point that has notes. */
  readonly label: string;
  readonly tailLabel: string | null;
}

/** One drawing of a chart. */
export interface Drawing {
  readonly chart: GroupedBars;
  readonly rows: ChartRows;
  readonly bars: readonly Bar[];
  readonly layout: Layout;
  readonly title: { readonly text: string[]; readonly subtitle: string[] };
}
