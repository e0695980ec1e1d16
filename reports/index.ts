import type { Summary } from '../src/schema/summary.ts';
import { benchmarkSummary } from './benchmark-summary.ts';
import { charts } from './charts/index.ts';
import type { Report } from './report.ts';
import { summaryReport } from './summary-report.ts';

const chartReport: Report = {
  id: 'charts',
  render: (summary: Summary) => charts(summary).map((chart) => ({ kind: 'chart', chart })),
};

/** Every view that is written of a finished run. To add one: a file here and a line below. */
export const REPORTS: readonly Report[] = [summaryReport, benchmarkSummary, chartReport];
