import type { Chart } from '../../src/schema/rendered.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { fileNames } from '../file-names.ts';
import type { ReportRow } from '../report-row.ts';
import { rowsOf } from '../report-rows.ts';
import type { ChartKind } from './chart-kind.ts';
import { decodeSpeed } from './decode-speed-by-seqlen-and-tp.ts';
import { prefill } from './prefill-by-seqlen-and-tp.ts';
import { throughput } from './throughput-by-seqlen-and-tp.ts';
import { tpot } from './tpot-by-seqlen-and-tp.ts';
import { ttft } from './ttft-by-seqlen-and-tp.ts';

/** Every chart of a run. To add one: a file here and a line below. */
export const CHARTS: readonly ChartKind[] = [throughput, ttft, prefill, tpot, decodeSpeed];

/** The charts of every model of a run that has a valid point. */
export function charts(summary: Summary): Chart[] {
  return chartsFromRows(rowsOf(summary));
}

/** The charts from rows, as `readSummaryReport` gives them. */
export function chartsFromRows(rows: readonly ReportRow[]): Chart[] {
  const byModel = Map.groupBy(rows, (row) => row.model);
  const folders = fileNames([...byModel.keys()]);
  return [...byModel].flatMap(([model, ofModel]) =>
    CHARTS.flatMap(({ id, draw }) =>
      draw(model, ofModel).map(({ spec }, page) => ({
        stem: `${folders.get(model) ?? 'model'}/${page === 0 ? id : `${id}_${page + 1}`}`,
        spec,
      })),
    ),
  );
}
