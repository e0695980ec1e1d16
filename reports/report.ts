import type { Chart, RenderedFile } from '../src/schema/rendered.ts';
import type { Summary } from '../src/schema/summary.ts';

/** Header and rows of a CSV file; an unknown value is null and becomes an empty cell. */
export interface CsvTable {
  /** Relative to the output directory. */
  readonly path: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}
export type Cell = string | number | null;

/**
 * What a report hands over. A report stays pure: text is finished here, a table and a chart become bytes in src/render,
 * where the libraries that need Node live.
 */
export type Draft =
  | { readonly kind: 'file'; readonly file: RenderedFile }
  | { readonly kind: 'table'; readonly table: CsvTable }
  | { readonly kind: 'chart'; readonly chart: Chart };

/** A view of a finished run. The same summary gives the same drafts. */
export interface Report {
  readonly id: string;
  render(summary: Summary): readonly Draft[];
}
