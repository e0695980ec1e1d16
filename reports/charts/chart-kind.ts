import type { Chart } from '../../src/schema/rendered.ts';
import type { ReportRow } from '../report-row.ts';

/** A chart that is drawn for each model. */
export interface ChartKind {
  /** Also the name of its files: `<model>/<id>.svg`. */
  readonly id: string;
  /** Several when it does not fit into one drawing, none when no row can be drawn. `rows` are those of one model. */
  draw(model: string, rows: readonly ReportRow[]): readonly Omit<Chart, 'stem'>[];
}
